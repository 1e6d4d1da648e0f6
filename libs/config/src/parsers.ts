/** A text read as a value, or what it must be instead. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly mustBe: string };

export type Parser<T> = (text: string) => Parsed<T>;

const value = <T>(it: T): Parsed<T> => ({ ok: true, value: it });
const mustBe = (what: string): Parsed<never> => ({ ok: false, mustBe: what });

export const text: Parser<string> = (given) => (given.trim() === '' ? mustBe('a text') : value(given.trim()));

export function integer(minimum: number, maximum: number): Parser<number> {
  return (given) => {
    const number = /^\d{1,15}$/.test(given.trim()) ? Number(given) : Number.NaN;
    const fits = number >= minimum && number <= maximum;
    return fits ? value(number) : mustBe(`a whole number from ${minimum} to ${maximum}`);
  };
}

export const port: Parser<number> = integer(0, 65_535);

export function oneOf<const T extends string>(...choices: readonly T[]): Parser<T> {
  return (given) => {
    const found = choices.find((choice) => choice.toLowerCase() === given.trim().toLowerCase());
    return found === undefined ? mustBe(`one of ${choices.join(', ')}`) : value(found);
  };
}

/** 1 for `true`, 0 for `false`. */
export const onOrOff: Parser<number> = (given) => {
  const parsed = oneOf('true', 'false')(given);
  return parsed.ok ? value(parsed.value === 'true' ? 1 : 0) : parsed;
};

/** A text of one form. */
export function matching(form: RegExp, what: string): Parser<string> {
  return (given) => (form.test(given.trim()) ? value(given.trim()) : mustBe(what));
}

const DURATION_UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, B: 1, KIB: 1024, MIB: 1024 ** 2, GIB: 1024 ** 3 };

/** Milliseconds of `90s`, `24h`, `1d12h`. */
export function duration(minimumMs: number, what: string): Parser<number> {
  return (given) => {
    const compact = given.trim();
    if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(compact)) return mustBe(what);
    let total = 0;
    for (const [, amount, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
      total += Number(amount) * (DURATION_UNITS_MS[unit ?? ''] ?? 0);
    }
    return total >= minimumMs ? value(total) : mustBe(what);
  };
}

/** Bytes of `4096`, `512KiB`, `2MiB`. */
export const size: Parser<number> = (given) => {
  const match = /^(\d{1,12})\s*([a-zA-Z]*)$/.exec(given.trim());
  const unit = SIZE_UNITS[(match?.[2] ?? '?').toUpperCase()];
  return match === null || unit === undefined
    ? mustBe('a size such as 4096, 512KiB or 2MiB')
    : value(Number(match[1]) * unit);
};

/** `KEY=VALUE` with a checked value. */
export function pair<T>(parseValue: (key: string) => Parser<T>, what: string): Parser<readonly [string, T]> {
  return (given) => {
    const at = given.indexOf('=');
    const key = given.slice(0, Math.max(at, 0)).trim();
    if (key === '') return mustBe(what);
    const parsed = parseValue(key)(given.slice(at + 1));
    return parsed.ok ? value([key, parsed.value] as const) : mustBe(`${what}; ${key} takes ${parsed.mustBe}`);
  };
}

/** A parser that takes nothing, for keys that do not exist. */
export const nothing =
  (what: string): Parser<never> =>
  () =>
    mustBe(what);

export interface CallbackAddress {
  /** Host, with its port if it has one; `*` stands for anything. */
  readonly pattern: string;
  readonly allowInsecure: boolean;
}

/** `https` alone is allowed, unless the text begins with `http://`. */
export const callbackAddress: Parser<CallbackAddress> = (given) => {
  const [, scheme, pattern] = /^(?:(https?):\/\/)?([^\s/]+)$/i.exec(given.trim()) ?? [];
  if (pattern === undefined) return mustBe('a host such as *.example.com:443 or http://localhost:*');
  return value({ pattern, allowInsecure: scheme?.toLowerCase() === 'http' });
};
