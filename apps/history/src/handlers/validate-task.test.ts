import assert from 'node:assert/strict';
import test from 'node:test';
import { GrpcCode } from '@duramesh/contracts';
import { must } from '@duramesh/runtime';
import { HistoryWorld, NAMESPACE } from '../testing/history-world.ts';

test('a task is wanted until its run does not wait for it any more', async () => {
  const w = new HistoryWorld();
  await w.start();
  await w.startWorkflow();
  const { task } = must(w.handedOver[0], 'the first task was handed over');
  const { workflowId, runId, scheduledEventId, attempt, stamp } = must(task, 'it is named');
  const call = { namespace: NAMESPACE, workflowId, runId, scheduledEventId, attempt, stamp };
  const isWanted = async (fields: Partial<typeof call> = {}): Promise<boolean> =>
    (await w.do(w.client.validateTask({ ...call, ...fields }))).wanted;
  assert.deepEqual(
    [await isWanted(), await isWanted({ attempt: 2 }), await isWanted({ stamp: 9 })],
    [true, false, false],
  );
  await assert.rejects(isWanted({ runId: '00000000-0000-4000-8000-000000000000' }), { code: GrpcCode.NOT_FOUND });
  const request = { workflowExecution: { workflowId }, reason: 'enough' };
  await w.do(w.client.terminateWorkflow({ namespace: NAMESPACE, request }));
  assert.equal(await isWanted(), false);
});
