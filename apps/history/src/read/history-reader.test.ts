import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrpcCode } from '@duramesh/contracts';
import { emptyState } from '@duramesh/engine';
import { openMemoryStore } from '@duramesh/persistence/memory';
import { VirtualClock } from '@duramesh/testkit';
import { readStartedEvent } from './history-reader.ts';

/** Found by fuzz seed 95: a run was described while it was deleted. */
test('an event of a run that was removed since it was read is not found', async () => {
  const clock = new VirtualClock();
  const { executions } = openMemoryStore({ clock });
  const key = { namespaceId: 'ns', workflowId: 'wf', runId: '00000000-0000-4000-8000-000000000001' };
  const state = emptyState(key.namespaceId, key.workflowId, key.runId);
  const run = { key, shard: 0, state, version: 1, tail: [], tailBytes: 0 };
  await assert.rejects(clock.runUntil(readStartedEvent(executions, run)), { code: GrpcCode.NOT_FOUND });
});
