import { type AnySettings, flagOf, variableOf } from './setting.ts';

/** Texts that one source gives for one setting, and how that source is called in messages. */
export interface Given {
  readonly texts: readonly string[];
  readonly from: string;
}

/** By the name of the setting. */
export type Source = ReadonlyMap<string, Given>;

/** What a person got wrong, in one sentence that says what to do. */
export class ConfigRefusal extends Error {
  override readonly name = 'ConfigRefusal';
}

/** Reads `--flag value` and `--flag=value`. @throws ConfigRefusal */
export function readFlags(args: readonly string[], settings: AnySettings): Source {
  const byFlag = new Map(Object.entries(settings).map(([name, setting]) => [setting.flag, { name, setting }]));
  const given = new Map<string, { texts: string[]; from: string }>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (!arg.startsWith('--'))
      throw new ConfigRefusal(`'${arg}' is not understood: settings are given as --flag value`);
    const [flag = '', ...rest] = arg.slice(2).split('=');
    const { name, setting } = byFlag.get(flag) ?? {};
    if (setting === undefined || name === undefined) {
      throw new ConfigRefusal(`there is no flag --${flag}${suggestion(flag, settings)}`);
    }
    const text = rest.length > 0 ? rest.join('=') : args[++i];
    if (text === undefined || (rest.length === 0 && text.startsWith('--'))) {
      throw new ConfigRefusal(`--${flag} needs a value: --${flag} ${setting.placeholder}`);
    }
    const entry = given.get(name);
    if (entry === undefined) given.set(name, { texts: [text], from: flagOf(setting) });
    else entry.texts.push(text);
  }
  return given;
}

/** Empty variables count as unset. */
export function readVariables(env: Readonly<Record<string, string | undefined>>, settings: AnySettings): Source {
  const given = new Map<string, Given>();
  for (const [name, setting] of Object.entries(settings)) {
    if (setting.isFlagOnly) continue;
    const variable = variableOf(setting);
    const text = env[variable];
    if (text !== undefined && text !== '') given.set(name, { texts: [text], from: variable });
  }
  return given;
}

/** Reads the config file's JSON object, which is the server's: all its keys may be there. @throws ConfigRefusal */
export function readFile(path: string, content: string, known: AnySettings): Source {
  const byFlag = new Map(Object.entries(known).map(([name, { flag }]) => [flag, name]));
  const given = new Map<string, Given>();
  for (const [key, value] of Object.entries(parseObject(path, content))) {
    const name = byFlag.get(key);
    if (name === undefined) throw new ConfigRefusal(`${path}: there is no setting "${key}"${suggestion(key, known)}`);
    const from = `${path}: "${key}"`;
    given.set(name, { texts: textsOf(value, from), from });
  }
  return given;
}

function parseObject(path: string, content: string): object {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (error) {
    throw new ConfigRefusal(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  throw new ConfigRefusal(`${path} must hold one JSON object, such as {"port": 7300}`);
}

/** A list gives several texts, an object several `key=value`. */
function textsOf(value: unknown, from: string): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  if (Array.isArray(value)) return value.flatMap((item: unknown) => textsOf(item, from));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) => textsOf(item, from).map((it) => `${key}=${it}`));
  }
  throw new ConfigRefusal(`${from} must be a text, a number, a list or an object`);
}

function suggestion(word: string, settings: AnySettings): string {
  const flags = Object.values(settings).map(({ flag }) => ({ flag, far: distance(word, flag) }));
  const [best] = flags.sort((a, b) => a.far - b.far);
  return best !== undefined && best.far <= 2 ? `; did you mean --${best.flag}?` : '; see --help';
}

/** Edits between two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swap));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
