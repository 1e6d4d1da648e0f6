import type { Parsed, Parser } from './parsers.ts';

export const groups = [
  'Where to listen',
  'Where data lives',
  'What runs here',
  'How to log in to the broker',
  'What is there from the start',
  'What to check',
  'What to ask',
  'Watching',
] as const;

/** One setting: a flag, a `DURAMESH_*` variable and a key of the config file, all of one name. */
export interface Setting<V> {
  /** Without the dashes. */
  readonly flag: string;
  readonly group: (typeof groups)[number];
  readonly placeholder: string;
  readonly help: string;
  /** How the default is told, when it is not a fixed text. */
  readonly defaultHelp: string;
  /** The value of texts that were given, most often one. */
  readonly read: (texts: readonly string[]) => Parsed<V>;
  readonly initial: V;
  /** It narrows what one command does: no variable and no key of the config file sets it. */
  readonly isFlagOnly: boolean;
}

export type AnySettings = Readonly<Record<string, Setting<unknown>>>;
export type ValuesOf<S extends AnySettings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer V> ? V : never;
};

interface Spec {
  readonly flag: string;
  readonly group: (typeof groups)[number];
  readonly placeholder: string;
  readonly help: string;
  readonly defaultHelp?: string;
  readonly isFlagOnly?: boolean;
}

/** Given more than once, the last one counts. */
export function one<T>(spec: Spec, parse: Parser<T>, initial: NoInfer<T>): Setting<T> {
  return {
    defaultHelp: String(initial),
    isFlagOnly: false,
    ...spec,
    initial,
    read: (texts) => parse(texts.at(-1) ?? ''),
  };
}

export function optional<T>(spec: Spec, parse: Parser<T>): Setting<T | undefined> {
  return {
    defaultHelp: '',
    isFlagOnly: false,
    ...spec,
    initial: undefined,
    read: (texts) => parse(texts.at(-1) ?? ''),
  };
}

/** Repeatable, or with commas. */
export function many<T>(spec: Spec, parse: Parser<T>, initial: readonly T[] = []): Setting<readonly T[]> {
  const read = (texts: readonly string[]): Parsed<readonly T[]> => {
    const values: T[] = [];
    for (const item of texts.flatMap((it) => it.split(',')).filter((it) => it.trim() !== '')) {
      const parsed = parse(item);
      if (!parsed.ok) return parsed;
      values.push(parsed.value);
    }
    return { ok: true, value: values };
  };
  return { defaultHelp: initial.join(','), isFlagOnly: false, ...spec, initial, read };
}

export const flagOf = ({ flag }: Setting<unknown>): string => `--${flag}`;
export const variableOf = ({ flag }: Setting<unknown>): string => `DURAMESH_${flag.toUpperCase().replaceAll('-', '_')}`;
