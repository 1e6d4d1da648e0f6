import assert from 'node:assert/strict';
import test from 'node:test';
import { handlerFile, publicRpcs } from '../../scripts/rpcs.ts';
import { glob, readText, sources } from './workspace.ts';

// Put together here so that this file does not hold them.
const unfinished = new RegExp(
  [`\\b${'TO'}DO\\b`, `\\bFIX${'ME'}\\b`, `\\bX${'XX'}\\b`, `not ${'implemented'}`].join('|'),
  'i',
);
const unfinishedExact = new RegExp(unfinished.source.replace(/\|[^|]*$/, ''));
const notDone = new RegExp(`not ${'implemented'}`, 'i');
const vagueName = /\b\w*(Manager|Impl|Helper|Utils?|Common|Info2)\b/;
const testName =
  /^\s*(?:void\s+)?(?:await\s+)?(?:t\.)?(?:test|it)(?:\.(?:skip|only|todo))?\(\s*(['"`])((?:\\.|(?!\1)[\s\S])*)\1/gm;
const MIN_WORDS = 4;

const texts = glob('*.md', '.ci/run', '{apps,libs,proto,tests,scripts,bin,deploy}/**/*.{ts,mjs,json,proto,md,sql}').map(
  (file) => ({
    file,
    text: readText(file),
  }),
);

test('nothing in the repository says that it is unfinished', () => {
  const broken = texts.flatMap(({ file, text }) => {
    const hit = unfinishedExact.exec(text) ?? (file.endsWith('.md') ? null : notDone.exec(text));
    return hit ? [`${file}: ${hit[0]}: build it, or let it answer UNIMPLEMENTED`] : [];
  });
  assert.deepEqual(broken, []);
});

test('every test has a name that makes a claim', () => {
  const broken = sources
    .filter(({ isTest }) => isTest)
    .flatMap(({ path, text }) => {
      const names = [...text.matchAll(testName)].map(([, , name = '']) => name);
      return names.filter((name) => name.trim().split(/\s+/).length < MIN_WORDS).map((name) => `${path}: ${name}`);
    });
  assert.deepEqual(broken, [], `a claim has at least ${MIN_WORDS} words`);
});

test('no test is left out of the run', () => {
  const left = /\b(?:test|it|suite|describe)\.(?:only|todo)\(/;
  assert.deepEqual(
    sources.filter(({ isTest, text }) => isTest && left.test(text)).map(({ path }) => path),
    [],
  );
});

test('no file or type is named after a word that says nothing', () => {
  const declared = /\b(?:class|interface|type|enum)\s+(\w+)/g;
  const broken = sources.flatMap(({ path, text }) =>
    [...text.matchAll(declared)].filter(([, name = '']) => vagueName.test(name)).map(([, name]) => `${path}: ${name}`),
  );
  // An RPC keeps the name that the API gives it.
  const rpcs = new Set(publicRpcs().flatMap(({ rpcs: names }) => names.map(handlerFile)));
  const own = sources.filter(({ path }) => !rpcs.has(path));
  const files = own.filter(({ path }) => /(^|[/-])(manager|impl|helpers?|utils?|base|common)(-|\.ts$)/.test(path));
  assert.deepEqual([...broken, ...files.map(({ path }) => path)], []);
});

test('every source file that holds a claim to be built has a lower-case name with dashes', () => {
  const odd = sources.filter(({ path }) => !/^[a-z0-9./-]+$/.test(path));
  assert.deepEqual(
    odd.map(({ path }) => path),
    [],
  );
});
