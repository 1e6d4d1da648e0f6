import assert from 'node:assert/strict';
import test from 'node:test';
import { ownPackage, packageOf, packages, sources, type SourceFile } from './workspace.ts';

/** Where a driver may be imported; the composition root and the tests may use every one. */
const driverFolders: Readonly<Record<string, readonly string[]>> = {
  pg: ['libs/persistence/src/postgres/'],
  mysql2: ['libs/persistence/src/mysql/'],
  'cassandra-driver': ['libs/persistence/src/cassandra/'],
  'node:sqlite': ['libs/persistence/src/sqlite/'],
  '@nats-io/transport-node': ['libs/bus/src/nats/'],
  '@nats-io/nats-core': ['libs/bus/src/nats/'],
  nats: ['libs/bus/src/nats/'],
  pino: ['libs/telemetry/src/'],
  protobufjs: ['proto/'],
  '@temporalio/proto': ['proto/'],
};
const everyDriver = ['apps/duramesh/', 'tests/', 'scripts/'];
const adapters = ['postgres', 'mysql', 'cassandra', 'sqlite', 'nats'];

const inside = (source: SourceFile, folders: readonly string[]): boolean =>
  folders.some((folder) => source.path.startsWith(folder));

test('a driver is imported by its adapter and the composition root only', () => {
  const broken = sources.flatMap((source) =>
    source.imports.flatMap(({ specifier }) => {
      const folders = driverFolders[packageOf(specifier) ?? specifier];
      if (folders === undefined || inside(source, [...folders, ...everyDriver])) return [];
      return [`${source.path} imports ${specifier}: only ${folders.join(', ')} may, others use the port`];
    }),
  );
  assert.deepEqual(broken, []);
});

test('an adapter is chosen by the composition root and nobody else', () => {
  const broken = sources.flatMap((source) =>
    source.imports.flatMap(({ specifier }) => {
      const own = ownPackage(specifier);
      if (own === undefined || !adapters.includes(own.subpath) || source.isTest || inside(source, everyDriver))
        return [];
      return [`${source.path} imports ${specifier}: take the port as a dependency, apps/duramesh chooses`];
    }),
  );
  assert.deepEqual(broken, []);
});

test('every package that is imported is declared by the package that imports it', () => {
  const broken = sources.flatMap(({ path, owner, imports, isTest }) => {
    const { dependencies = {}, devDependencies = {}, name } = owner.manifest;
    const mayUseDevelopment = isTest || ['root', 'tests'].includes(owner.name) || path === 'proto/generate.ts';
    return imports.flatMap(({ specifier }) => {
      const wanted = packageOf(specifier);
      if (wanted === undefined || wanted === name || wanted in dependencies) return [];
      if (mayUseDevelopment && wanted in devDependencies) return [];
      return [`${path} imports ${wanted}: declare it in ${owner.folder}/package.json`];
    });
  });
  assert.deepEqual(broken, []);
});

test('every dependency is pinned to one version', () => {
  const broken = packages.flatMap(({ folder, manifest }) =>
    Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
      .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${folder}/package.json: ${name} ${version}`),
  );
  assert.deepEqual(broken, []);
});

test('packages are entered by their doors, and files inside a package by relative paths', () => {
  const broken = sources.flatMap(({ path, owner, imports }) =>
    imports.flatMap(({ specifier }) => {
      const own = ownPackage(specifier);
      if (own === undefined) {
        const folder = owner.folder === '' ? '' : `${owner.folder}/`;
        const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
        const within = target.startsWith(folder) || (owner.name === 'tests' && target.startsWith('scripts/'));
        const leaves = specifier.startsWith('.') && !within;
        return leaves ? [`${path} imports ${specifier}, a file of another package`] : [];
      }
      if (own.name === owner.name) return [`${path} imports its own package by name`];
      const target = packages.find(({ name }) => name === own.name)?.manifest.exports ?? {};
      const door = own.subpath === '' ? '.' : `./${own.subpath}`;
      return door in target ? [] : [`${path} imports ${specifier}, which ${own.name} does not export`];
    }),
  );
  assert.deepEqual(broken, []);
});

test('only the doors of a package hand on what other files export', () => {
  const doors = new Set(
    packages.flatMap(({ folder, manifest }) =>
      Object.values(manifest.exports ?? {}).map((file) => `${folder}/${file.replace('./', '')}`),
    ),
  );
  const broken = sources.filter(({ path, imports }) => imports.some(({ reexport }) => reexport) && !doors.has(path));
  assert.deepEqual(
    broken.map(({ path }) => path),
    [],
  );
});
