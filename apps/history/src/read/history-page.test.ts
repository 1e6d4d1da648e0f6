import assert from 'node:assert/strict';
import test from 'node:test';
import { GrpcCode } from '@duramesh/contracts';
import { emptyState } from '@duramesh/engine';
import { openStore } from '@duramesh/persistence';
import { silentLogger } from '@duramesh/telemetry';
import { VirtualClock } from '@duramesh/testkit';

import { encodeEvents } from './history-reader.ts';
import { readHistoryPage } from './workflow-task-response.ts';

test('a page of a run that was removed meanwhile is not found, and one that lacks its events says so', async () => {
  const store = await openStore('memory:', { clock: new VirtualClock(), logger: silentLogger });
  const [lease] = await store.leases.acquire('history', [1], 'member');
  assert.ok(lease);
  const key = { namespaceId: 'n', workflowId: 'w', runId: 'r' };
  const data = encodeEvents([{ eventId: 1 }, { eventId: 2 }]);
  const history = [{ firstEventId: 1, lastEventId: 2, data }];
  const row = { upserts: [], deletes: [], wakeAtMs: 0, outstanding: false, visibility: undefined };
  const write = { key, expectedVersion: 0, info: new Uint8Array(), history, ...row };
  await store.executions.commit({ lease, runs: [write], current: undefined });

  const run = { key, shard: 1, state: emptyState('n', 'w', 'r'), version: 1, tail: [], tailBytes: 0 };
  const read = (fromEventId: number, untilEventId: number) =>
    readHistoryPage(store.executions, run, { fromEventId, untilEventId, maxBatches: 9 });
  assert.equal((await read(1, 3)).parts.length, 1);
  await assert.rejects(read(3, 5), { code: GrpcCode.DATA_LOSS });
  await store.executions.deleteRun(lease, key);
  await assert.rejects(read(1, 3), { code: GrpcCode.NOT_FOUND });
});
