import assert from 'node:assert/strict';
import test from 'node:test';
import { isKnown, objection } from './ladder.ts';
import { importsOf, ownPackage, packages, sources } from './workspace.ts';

test('every package has its place on the ladder', () => {
  assert.deepEqual(
    packages.map((owner) => owner.name).filter((name) => !isKnown(name)),
    [],
  );
});

test('every import goes down the ladder', () => {
  const broken = sources.flatMap((source) =>
    source.imports.flatMap(({ specifier, typeOnly }) => {
      const to = ownPackage(specifier)?.name;
      const why = to && objection({ from: source.owner.name, to, typeOnly, fromTest: source.isTest });
      return why ? [`${source.path}: ${why}`] : [];
    }),
  );
  assert.deepEqual(broken, []);
});

test('every declared dependency goes down the ladder', () => {
  const broken = packages.flatMap(({ name: from, folder, manifest }) => {
    const declared = [manifest.dependencies ?? {}, manifest.devDependencies ?? {}].flatMap((names, index) =>
      Object.keys(names).map((name) => ({ name, fromTest: index === 1 })),
    );
    return declared.flatMap(({ name, fromTest }) => {
      const to = ownPackage(name)?.name;
      const why = to && objection({ from, to, typeOnly: true, fromTest });
      return why ? [`${folder}/package.json: ${why}`] : [];
    });
  });
  assert.deepEqual(broken, []);
});

test('the ladder refuses to look up, to neighbours and to other services', () => {
  const edge = { typeOnly: false, fromTest: false };
  assert.match(objection({ ...edge, from: 'engine', to: 'bus' }) ?? '', /never looks up; allowed: runtime, proto/);
  assert.match(objection({ ...edge, from: 'engine', to: 'contracts' }) ?? '', /neighbours/);
  assert.match(objection({ ...edge, from: 'bus', to: 'telemetry' }) ?? '', /types only/);
  assert.equal(objection({ ...edge, from: 'bus', to: 'telemetry', typeOnly: true }), undefined);
  assert.match(objection({ ...edge, from: 'history', to: 'matching' }) ?? '', /neighbours/);
  assert.equal(objection({ ...edge, from: 'duramesh', to: 'matching' }), undefined);
  assert.match(objection({ ...edge, from: 'history', to: 'testkit' }) ?? '', /never looks up/);
  assert.equal(objection({ ...edge, from: 'history', to: 'testkit', fromTest: true }), undefined);
});

test('an import is seen in whatever form it is written', () => {
  const text = [
    'import "a";',
    'import type { B } from "b";',
    'import c, {\n  d,\n} from "c";',
    'export * from "d";',
    'const e = await import("e");',
    'const f = require("f") as { a: 1 };',
    '// import "g";',
    '/** import "h" */',
  ]
    .join('\n')
    .replaceAll('"', "'");
  assert.deepEqual(
    importsOf(text).map(
      ({ specifier, typeOnly, reexport }) => `${specifier}${typeOnly ? ' type' : ''}${reexport ? ' out' : ''}`,
    ),
    ['a', 'b type', 'c', 'd out', 'e', 'f'],
  );
});
