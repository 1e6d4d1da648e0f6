import assert from 'node:assert/strict';
import test from 'node:test';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { FrontendWorld } from '../testing/frontend-world.ts';

type Update = RpcRequest<'UpdateWorkflowExecution'>;

const request = { meta: { updateId: 'u1' }, input: { name: 'set' } };
const good: Update = { namespace: 'default', workflowExecution: { workflowId: 'wf' }, request };
const long = 'x'.repeat(1001);

/** Each with the refusal of the reference. */
const refusals: readonly [string, Partial<Update>, string][] = [
  ['no execution', { workflowExecution: undefined }, '3 Execution is not set on request.'],
  ['no workflow id', { workflowExecution: { workflowId: '' } }, '3 WorkflowId is not set on request.'],
  ['a wrong run id', { workflowExecution: { workflowId: 'wf', runId: 'x' } }, '3 Invalid RunId.'],
  ['no update', { request: undefined }, '3 Update meta is not set on request.'],
  ['no meta', { request: { input: request.input } }, '3 Update meta is not set on request.'],
  ['no input', { request: { meta: request.meta } }, '3 Update input is not set on request.'],
  ['no name', { request: { ...request, input: {} } }, '3 Update name is not set on request.'],
  ['a long update id', { request: { ...request, meta: { updateId: long } } }, '3 UpdateId length exceeds limit.'],
  ['a long request id', { request: { ...request, requestId: long } }, '3 RequestId length exceeds limit.'],
  [
    'a large input',
    {
      request: {
        ...request,
        input: { name: 'set', args: { payloads: [{ data: new Uint8Array(2 * 1024 * 1024 + 1) }] } },
      },
    },
    '3 Blob data size exceeds limit.',
  ],
  [
    'a wait for what nobody can wait for',
    { waitPolicy: { lifecycleStage: 1 } },
    '7 UpdateWorkflowExecution issued asynchronously and waiting on update admitted is not supported.',
  ],
];
for (const [what, change, refusal] of refusals) {
  test(`an update with ${what} is refused`, async () => {
    const world = await FrontendWorld.start();
    assert.equal(await world.refusal('UpdateWorkflowExecution', { ...good, ...change }), refusal);
  });
}

test('an update without an id or a stage gets an id, and is waited for to its end', async () => {
  let seen: Update | undefined;
  const world = await FrontendWorld.start({
    history: {
      updateWorkflow: async (call) => {
        seen = call.request;
        return { stage: 3 };
      },
    },
  });
  await world.call('UpdateWorkflowExecution', { ...good, request: { ...request, meta: { identity: 'me' } } });
  assert.match(seen?.request?.meta?.updateId ?? '', /^[0-9a-f-]{36}$/);
  assert.equal(seen?.request?.meta?.identity, 'me');
  assert.equal(seen?.waitPolicy?.lifecycleStage, 3);
});

test('a caller is told how far its update has come, a moment before it would give up', async () => {
  const waits: number[] = [];
  const world = await FrontendWorld.start({
    history: {
      updateWorkflow: async ({ waitMs }) => {
        waits.push(waitMs);
        await world.clock.sleep(waitMs);
        return { stage: 1 };
      },
    },
  });
  const { stage } = await world.call('UpdateWorkflowExecution', { ...good }, { deadlineInMs: 5_000 });
  assert.equal(stage, 1);
  assert.deepEqual(waits, [4_000]);
  await world.call('UpdateWorkflowExecution', { ...good }, { deadlineInMs: 60_000 });
  assert.equal(waits[1], 20_000);
});

test('an update is waited for with one watch, and on its run once that has accepted it', async () => {
  const asked: (readonly [string, string | undefined])[] = [];
  const world = await FrontendWorld.start({
    history: {
      updateWorkflow: async ({ watchId, request: sent }) => {
        asked.push([watchId, sent?.workflowExecution?.runId]);
        const updateRef = { workflowExecution: { workflowId: 'wf', runId: 'run' }, updateId: 'u1' };
        return { stage: Math.min(asked.length, 3), updateRef };
      },
    },
  });
  await world.call('UpdateWorkflowExecution', { ...good });
  assert.equal(new Set(asked.map(([watchId]) => watchId)).size, 1);
  assert.deepEqual(
    asked.map(([, runId]) => runId ?? ''),
    ['', '', 'run'],
  );
});

test('a poll for an update must say which, and without a stage it does not wait', async () => {
  const world = await FrontendWorld.start({ history: { pollWorkflowUpdate: async () => ({ stage: 1 }) } });
  const refusal = await world.refusal('PollWorkflowExecutionUpdate', { namespace: 'default' });
  assert.equal(refusal, '3 UpdateRef is not set on request.');
  const updateRef = { workflowExecution: { workflowId: 'wf' }, updateId: 'u1' };
  const before = world.clock.now();
  assert.equal((await world.call('PollWorkflowExecutionUpdate', { namespace: 'default', updateRef })).stage, 1);
  assert.equal(world.clock.now(), before);
});
