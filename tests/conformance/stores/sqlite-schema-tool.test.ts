import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { openSchemaTool, openStore, type SchemaTool, StoreFault } from '@duramesh/persistence';
import { VirtualClock } from '@duramesh/testkit';
import { silent, temporaryFolder } from './drivers.ts';

const openTool = (file: string): Promise<SchemaTool> => openSchemaTool(`sqlite:${file}`, { clock: new VirtualClock() });

test('a file that is not there has no schema, and looking does not make it', async (t) => {
  const file = path.join(temporaryFolder(t), 'store.db');
  const tool = await openTool(file);
  const { state, version, target } = await tool.status();
  assert.deepEqual([state, version], ['absent', 0]);
  assert.equal(existsSync(file), false);
  const steps: number[] = [];
  await tool.update((step) => steps.push(step));
  assert.deepEqual(
    steps,
    Array.from({ length: target }, (_, i) => i + 1),
  );
  assert.equal((await tool.status()).state, 'current');
  await tool.update(() => assert.fail('there is nothing left to do'));
  await tool.close();
});

test('what a server set up is current, and what it must not touch is said and refused', async (t) => {
  const file = path.join(temporaryFolder(t), 'store.db');
  await (await openStore(`sqlite:${file}`, { clock: new VirtualClock(), logger: silent })).close();
  const tool = await openTool(file);
  assert.equal((await tool.status()).state, 'current');
  const database = new DatabaseSync(file);
  t.after(() => database.close());
  const cases = [
    ['PRAGMA user_version = 1', 'older'],
    ['PRAGMA user_version = 99', 'newer'],
    ['PRAGMA user_version = 3; DROP TABLE leases', 'damaged'],
    ['PRAGMA application_id = 7', 'foreign'],
  ] as const;
  for (const [change, state] of cases) {
    database.exec(change);
    const status = await tool.status();
    assert.equal(status.state, state);
    if (state === 'older') continue;
    await assert.rejects(
      tool.update(() => {}),
      (error) => error instanceof StoreFault && error.code === 'schema' && error.message === status.advice,
    );
  }
});
