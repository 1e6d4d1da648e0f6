import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Config, resolveConfig } from '@duramesh/config';
import { openStore } from '@duramesh/persistence';
import { systemClock, systemIds } from '@duramesh/runtime/system';
import { silentLogger } from '@duramesh/telemetry';
import { bootstrapNamespaces } from './namespaces.ts';

const world = { clock: systemClock, ids: systemIds };
const configOf = (...args: readonly string[]): Config => {
  const result = resolveConfig({ args, env: {}, hostName: 'h', isTerminal: false, readText: () => '' });
  assert.ok(result.ok);
  return result.config;
};

test('the namespaces asked for are created with their retention and search attributes, beside the server’s own', async () => {
  const store = await openStore('memory:', { clock: systemClock, logger: silentLogger });
  const config = configOf('--namespace', 'orders', '--retention', '7d', '--search-attribute', 'Customer=Keyword');
  await bootstrapNamespaces(store.namespaces, config, world);
  const names = (await store.namespaces.list()).map(({ name }) => name).sort();
  assert.deepEqual(names, ['default', 'orders', 'temporal-system']);
  const orders = await store.namespaces.readByName('orders');
  assert.equal(orders?.retentionMs, 7 * 86_400_000);
  assert.deepEqual(orders?.searchAttributes, { Customer: 2 });
  assert.deepEqual((await store.namespaces.readByName('temporal-system'))?.searchAttributes, {});
});

test('a later start adds search attributes to namespaces that exist and changes no type', async () => {
  const store = await openStore('memory:', { clock: systemClock, logger: silentLogger });
  await bootstrapNamespaces(store.namespaces, configOf('--search-attribute', 'A=Int'), world);
  await bootstrapNamespaces(store.namespaces, configOf('--search-attribute', 'A=Bool,B=Bool'), world);
  assert.deepEqual((await store.namespaces.readByName('default'))?.searchAttributes, { A: 3, B: 5 });
});
