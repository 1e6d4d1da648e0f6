import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { suite, test } from 'node:test';
import { helpText } from '@duramesh/config';
import { startServer } from '../support/server-process.ts';

const root = path.join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const compose = read('deploy/compose.yaml');
const containerfile = read('deploy/Containerfile');

const all = (text: string, pattern: RegExp): readonly string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, found = '']) => found)),
];

/** PromQL of the dashboard and of the alerts. */
function expressions(): readonly string[] {
  const dashboard = JSON.parse(read('deploy/grafana/dashboards/duramesh.json')) as {
    readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
  };
  const panels = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  const alerts = read('deploy/prometheus/alerts.yml').match(/expr: (?:>-\n(?: {10}.*\n)+|.*\n)/g) ?? [];
  assert.ok(panels.length > 20 && alerts.length > 10, 'expressions are found');
  return [...panels, ...alerts.map((alert) => alert.replace(/^expr: (?:>-)?/, ''))];
}

/** What is no function, keyword, label or text in an expression is a metric. */
function metricsOf(expression: string): readonly string[] {
  const bare = expression
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\bby \([^)]*\)/g, '');
  const words = all(bare, /\b([a-z][a-z0-9_]*)\b(?!\s*\()/g).filter(
    (word) => !['by', 'and', 'or', 'up'].includes(word),
  );
  return words.map((word) => word.replace(/_(bucket|sum|count)$/, (suffix) => (isHistogram(word) ? '' : suffix)));
}

const isHistogram = (word: string): boolean => /_(latency|writes)_(bucket|sum|count)$/.test(word);

/** Those of a started server, and those that come with their first use. */
async function metricNames(): Promise<ReadonlySet<string>> {
  await using server = await startServer({ db: 'memory:' });
  const exposed = all(await (await fetch(server.metricsUrl)).text(), /^# TYPE (\S+) /gm);
  const registered = globSync('{apps,libs}/*/src/**/*.ts', { cwd: root }).flatMap((file) =>
    all(read(file), /\.(?:counter|gauge|histogram)\(\s*'([a-z0-9_]+)'/g),
  );
  return new Set([...exposed, ...registered]);
}

suite('deploy/', () => {
  test('dashboard and alerts ask for metrics that exist', async () => {
    const known = await metricNames();
    const asked = new Set(expressions().flatMap(metricsOf));
    assert.ok(asked.size > 25, `${asked.size} metrics`);
    assert.deepEqual(
      [...asked].filter((name) => !known.has(name)),
      [],
    );
  });

  test('flags and variables of the image and of compose exist', () => {
    const help = helpText();
    const flags = all(compose, /['"]--([a-z-]+)['"]/g);
    const wanted = all(`${compose}\n${containerfile}`, /\b(DURAMESH_[A-Z_]+)/g).filter((name) => !isSecret(name));
    const asFlags = wanted.map((name) => name.replace('DURAMESH_', '').toLowerCase().replaceAll('_', '-'));
    assert.ok(flags.length > 0 && wanted.length > 4);
    for (const flag of [...flags, ...asFlags]) assert.match(help, new RegExp(`--${flag}\\b`));
  });

  test('every secret is asked for, none has a default, and the example names each without a value', () => {
    const asked = all(compose, /\$\{([A-Z_]+)/g);
    const example = read('deploy/example.env');
    assert.deepEqual(asked.toSorted(), all(example, /^([A-Z_]+)=$/gm).toSorted());
    assert.equal(/^[A-Z_]+=.+$/m.exec(example), null);
    assert.equal(/\$\{[A-Z_]+:?-/.exec(compose), null);
    for (const name of asked) assert.ok(compose.includes(`\${${name}:?`), `${name} is insisted on`);
    const broker = all(read('deploy/nats/accounts.conf') + read('deploy/nats/cluster.conf'), /: \$([A-Z_]+)/g);
    for (const name of broker) assert.match(compose, new RegExp(`^ {2,4}.*\\b${name}:`, 'm'));
  });

  test('the image has every package that the server needs, and the release of Node that the repository pins', () => {
    const copied = all(containerfile, /^COPY (\S+)\/package\.json /gm);
    const workspaces = globSync('{apps,libs}/*/package.json', { cwd: root }).map((file) => path.dirname(file));
    assert.deepEqual(copied.toSorted(), [...workspaces, 'proto', 'tests'].toSorted());
    const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };
    assert.ok(containerfile.includes(`node:${devDependencies['node']}-`));
    assert.match(containerfile, /^USER 1000/m);
  });
});

/** Passwords: variables of their own kind, no settings. */
const isSecret = (name: string): boolean => name.endsWith('_PASSWORD');
