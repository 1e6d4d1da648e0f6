const COLORS: Readonly<Record<string, string>> = {
  debug: '\x1b[90m',
  info: '\x1b[32m',
  warn: '\x1b[33m',
  error: '\x1b[31m',
};
const DIM = '\x1b[2m';
const RESET = '\x1b[0m';

/** `12:00:00.000 INFO  message  key=value`, with the stack of an error below. */
export function formatLine(json: string, color: boolean): string {
  const { level, time, msg, error, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const paint = (code: string | undefined, text: string): string =>
    color && code !== undefined && text !== '' ? `${code}${text}${RESET}` : text;
  const name = String(level);
  const clock = typeof time === 'string' ? time.slice(11, 23) : '';
  const pairs = Object.entries(fields).map(([key, value]) => `${key}=${shown(value)}`);
  const { brief, stack } = explain(error);
  if (brief !== '') pairs.push(`error=${brief}`);
  const head = `${paint(DIM, clock)} ${paint(COLORS[name], name.toUpperCase().padEnd(5))} ${String(msg)}`;
  const tail = paint(DIM, pairs.join(' '));
  return `${head}${tail === '' ? '' : `  ${tail}`}\n${stack === '' ? '' : `${paint(DIM, stack)}\n`}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value) ?? '';
}

function explain(error: unknown): { readonly brief: string; readonly stack: string } {
  if (error === undefined) return { brief: '', stack: '' };
  const { message, stack } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  if (typeof message !== 'string') return { brief: shown(error), stack: '' };
  return { brief: shown(message), stack: typeof stack === 'string' ? stack : '' };
}
