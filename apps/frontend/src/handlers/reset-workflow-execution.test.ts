import assert from 'node:assert/strict';
import test from 'node:test';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { FrontendWorld } from '../testing/frontend-world.ts';

type Reset = RpcRequest<'ResetWorkflowExecution'>;

const good: Reset = {
  namespace: 'default',
  workflowExecution: { workflowId: 'wf' },
  requestId: 'request',
  workflowTaskFinishEventId: 4,
};
const updating = (...paths: string[]): Partial<Reset> => ({
  postResetOperations: [{ updateWorkflowOptions: { updateMask: { paths } } }],
});

const UNKNOWN = { resetReapplyType: 9 as number as Reset['resetReapplyType'] };

/** Each with the refusal of the reference, in its order of checks. */
const refusals: readonly [string, Partial<Reset>, string][] = [
  ['no request id', { requestId: '', workflowExecution: undefined }, '3 RequestId is not set on request.'],
  [
    'a long request id',
    { requestId: 'x'.repeat(1001), workflowExecution: undefined },
    '3 RequestId length exceeds limit.',
  ],
  ['no execution', { workflowExecution: undefined }, '3 Execution is not set on request.'],
  ['a bad run id', { workflowExecution: { workflowId: 'wf', runId: 'x' }, ...UNKNOWN }, '3 Invalid RunId.'],
  ['an unknown reapply type', UNKNOWN, '3 unknown reset reapply type: 9'],
  ['an operation of no kind', { postResetOperations: [{}] }, '3 unsupported post reset operation: <nil>'],
  [
    'a signal as operation',
    { postResetOperations: [{ signalWorkflow: { signalName: 's' } }] },
    '3 unsupported post reset operation: *workflow.PostResetOperation_SignalWorkflow_',
  ],
  [
    'an unknown option',
    updating('nothing'),
    '3 error applying update_options: proto: invalid path "nothing" for message "temporal.api.workflow.v1.WorkflowExecutionOptions"',
  ],
];

for (const [what, over, expected] of refusals) {
  test(`a reset with ${what} is refused as the reference refuses it`, async () => {
    const world = await FrontendWorld.start();
    assert.equal(await world.refusal('ResetWorkflowExecution', { ...good, ...over }), expected);
  });
}

test('a reset reaches history with its operations, and the id of the new run comes back', async () => {
  const seen: (Reset | undefined)[] = [];
  const world = await FrontendWorld.start({
    history: {
      async resetWorkflow({ request }) {
        seen.push(request);
        return { runId: 'new-run' };
      },
    },
  });
  const { runId } = await world.call('ResetWorkflowExecution', { ...good, ...updating('priority.priority_key') });
  assert.equal(runId, 'new-run');
  assert.deepEqual(seen[0]?.postResetOperations?.[0]?.updateWorkflowOptions?.updateMask?.paths, [
    'priority.priority_key',
  ]);
});
