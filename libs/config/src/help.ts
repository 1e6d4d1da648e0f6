import { limitSpecs } from './limits.ts';
import { groups, settingNames, settings } from './settings.ts';

const WIDTH = 96;
const INDENT = 30;

/** The text of `duramesh --help`. */
export function helpText(): string {
  const lines = [
    'duramesh: a durable-execution server that speaks the Temporal API.',
    '',
    'Usage:',
    '  duramesh start [flags]    run the server',
    '  duramesh limits           list the limits that --limit can move',
    '  duramesh --version        print the version',
    '  duramesh --help           print this',
  ];
  for (const group of groups) {
    lines.push('', `${group}:`);
    for (const name of settingNames) if (settings[name].group === group) lines.push(...settingLines(name));
  }
  lines.push(
    '',
    'Every flag is also a variable, DURAMESH_METRICS_PORT for --metrics-port, and a key of the',
    'config file. A flag wins over a variable, a variable over the file.',
  );
  return `${lines.join('\n')}\n`;
}

function settingLines(name: (typeof settingNames)[number]): readonly string[] {
  const { flag, placeholder, help, defaultHelp } = settings[name];
  const head = `  --${flag} ${placeholder}`;
  const words = `${help}${defaultHelp === '' ? '' : ` [${defaultHelp}]`}`.split(' ');
  const wrapped = wrap(words, WIDTH - INDENT);
  const [first = '', ...rest] = wrapped;
  const tail = rest.map((line) => ' '.repeat(INDENT) + line);
  return head.length < INDENT ? [head.padEnd(INDENT) + first, ...tail] : [head, ' '.repeat(INDENT) + first, ...tail];
}

function wrap(words: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** The text of `duramesh limits`. */
export function limitsText(): string {
  const rows = Object.values(limitSpecs).map(({ key, unit, initial }) => `  ${key.padEnd(46)}${shown(unit, initial)}`);
  return `Limits and their defaults, moved with --limit KEY=VALUE:\n${rows.sort().join('\n')}\n`;
}

function shown(unit: string, value: number): string {
  if (unit === 'switch') return String(value === 1);
  if (unit === 'ms') return value % 60_000 === 0 ? `${value / 60_000}m` : `${value / 1000}s`;
  if (unit !== 'bytes') return String(value);
  if (value % 1024 ** 2 === 0) return `${value / 1024 ** 2}MiB`;
  return value % 1024 === 0 ? `${value / 1024}KiB` : `${value}B`;
}
