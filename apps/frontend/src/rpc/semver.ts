/** A semantic version, or why a text is none. Texts are those of the library the reference uses; callers see them. */
export interface Version {
  readonly numbers: readonly [number, number, number];
  readonly preRelease: readonly string[];
}

const PARTS = ['Major', 'Minor', 'Patch'] as const;

function parseNumber(text: string, index: number): number | string {
  const name = PARTS[index] ?? '';
  if (!/^\d+$/.test(text)) return `Invalid character(s) found in ${name.toLowerCase()} number "${text}"`;
  if (text.length > 1 && text.startsWith('0')) return `${name} number must not contain leading zeroes "${text}"`;
  return Number(text);
}

export function parseVersion(text: string): Version | string {
  if (text === '') return 'Version string empty';
  const [withoutBuild = ''] = text.split('+', 1);
  const dash = withoutBuild.indexOf('-');
  const core = dash < 0 ? withoutBuild : withoutBuild.slice(0, dash);
  const parts = core.split('.');
  if (parts.length !== 3) return 'No Major.Minor.Patch elements found';
  const numbers = [0, 0, 0] as [number, number, number];
  for (const [index, part] of parts.entries()) {
    const number = parseNumber(part, index);
    if (typeof number === 'string') return number;
    numbers[index] = number;
  }
  return { numbers, preRelease: dash < 0 ? [] : withoutBuild.slice(dash + 1).split('.') };
}

function comparePreRelease(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [left = '', right = ''] = [a[i], b[i]];
    if (left === right) continue;
    const numeric = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (numeric[0] && numeric[1]) return Number(left) - Number(right);
    if (numeric[0] !== numeric[1]) return numeric[0] ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

function compare(a: Version, b: Version): number {
  for (let i = 0; i < 3; i++) {
    const difference = (a.numbers[i] ?? 0) - (b.numbers[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePreRelease(a.preRelease, b.preRelease);
}

const operators: Readonly<Record<string, (order: number) => boolean>> = {
  '': (order) => order === 0,
  '=': (order) => order === 0,
  '==': (order) => order === 0,
  '!': (order) => order !== 0,
  '!=': (order) => order !== 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
};

type Test = (version: Version) => boolean;

function parseTerm(term: string): Test | string {
  const [, operator = '', text = ''] = /^([!<>=]*)(.*)$/.exec(term) ?? [];
  const test = operators[operator];
  if (!test) return `Could not get version from string: "${term}"`;
  const version = parseVersion(text);
  if (typeof version === 'string') return `Could not parse version "${text}" in "${term}": ${version}`;
  return (candidate) => test(compare(candidate, version));
}

/** `>=1.0.0 <2.0.0 || 3.1.0`: blank means and. */
export function parseRange(text: string): Test | string {
  const alternatives: Test[][] = [];
  for (const part of text.split('||')) {
    const tests: Test[] = [];
    for (const term of part
      .replaceAll(/([!<>=])\s+/g, '$1')
      .split(/\s+/)
      .filter(Boolean)) {
      const test = parseTerm(term);
      if (typeof test === 'string') return test;
      tests.push(test);
    }
    if (tests.length === 0) return 'empty range';
    alternatives.push(tests);
  }
  return (version) => alternatives.some((tests) => tests.every((test) => test(version)));
}
