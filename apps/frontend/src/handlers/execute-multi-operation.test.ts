import assert from 'node:assert/strict';
import test from 'node:test';
import { GrpcCode, notFound, type ServiceError } from '@duramesh/contracts';
import { type Plain, publicCodec, type temporal } from '@duramesh/proto';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { FrontendWorld } from '../testing/frontend-world.ts';

type Failure = Plain<temporal.api.errordetails.v1.IMultiOperationExecutionFailure>;
type Request = RpcRequest<'ExecuteMultiOperation'>;

const failureCodec = publicCodec<Failure>('temporal.api.errordetails.v1.MultiOperationExecutionFailure');
const startWorkflow = {
  namespace: 'default',
  workflowId: 'wf',
  workflowType: { name: 'type' },
  taskQueue: { name: 'queue' },
};
const updateWorkflow = {
  namespace: 'default',
  workflowExecution: { workflowId: 'wf' },
  request: { meta: { updateId: 'u1' }, input: { name: 'set' } },
};
const request = (start: object = {}, update: object = {}): Request => ({
  namespace: 'default',
  operations: [{ startWorkflow: { ...startWorkflow, ...start } }, { updateWorkflow: { ...updateWorkflow, ...update } }],
});

/** Code and text of each operation. */
function statusesOf({ details }: ServiceError): readonly string[] {
  const { statuses } = failureCodec.decode(details[0]?.value ?? new Uint8Array());
  return (statuses ?? []).map(({ code = 0, message = '' }) => `${code} ${message}`.trim());
}
const INNOCENT = '10 Operation was aborted.';
const CLOSED = 'workflow update was aborted by closing workflow';

const refusals: readonly [string, Request, readonly string[]][] = [
  ['cron', request({ cronSchedule: '* * * * *' }), ['3 CronSchedule is not allowed.', INNOCENT]],
  [
    'eager execution',
    request({ requestEagerExecution: true }),
    ['3 RequestEagerExecution is not supported.', INNOCENT],
  ],
  [
    'a start delay',
    request({ workflowStartDelay: { seconds: 5 } }),
    ['3 WorkflowStartDelay is not supported.', INNOCENT],
  ],
  ['no workflow type', request({ workflowType: {} }), ['3 WorkflowType is not set on request.', INNOCENT]],
  ['a first run id', request({}, { firstExecutionRunId: 'x' }), [INNOCENT, '3 FirstExecutionRunId is not allowed.']],
  [
    'a run id',
    request({}, { workflowExecution: { workflowId: 'wf', runId: 'x' } }),
    [INNOCENT, '3 RunId is not allowed.'],
  ],
  [
    'two workflow ids',
    request({}, { workflowExecution: { workflowId: 'other' } }),
    [INNOCENT, '3 WorkflowId is not consistent with previous operation(s).'],
  ],
  [
    'another namespace',
    request({ namespace: 'other' }),
    ["3 Operation namespace did not match request's namespace.", INNOCENT],
  ],
  [
    'faults in both',
    request({ workflowType: {} }, { request: { meta: {}, input: {} } }),
    ['3 WorkflowType is not set on request.', '3 Update name is not set on request.'],
  ],
];
for (const [what, asked, statuses] of refusals) {
  test(`a start with an update with ${what} says which operation is to blame`, async () => {
    const world = await FrontendWorld.start();
    const error = await world.fails('ExecuteMultiOperation', asked);
    assert.equal(error.message, 'Update-with-Start could not be executed.');
    assert.equal(error.code, GrpcCode.INVALID_ARGUMENT);
    assert.deepEqual(statusesOf(error), statuses);
  });
}

test('only a start that is followed by an update is executed', async () => {
  const world = await FrontendWorld.start();
  const [start = {}, update = {}] = request().operations ?? [];
  for (const operations of [[], [start], [update, start], [start, update, update]]) {
    const refusal = await world.refusal('ExecuteMultiOperation', { namespace: 'default', operations });
    assert.equal(refusal, '3 Operations have to be exactly [Start, Update].');
  }
});

test('both operations are answered in their order', async () => {
  const world = await FrontendWorld.start({
    history: {
      updateWithStart: async () => ({ start: { runId: 'run', started: true } }),
      updateWorkflow: async ({ request: sent }) => ({ stage: 3, updateRef: sent ?? {} }),
    },
  });
  const { responses } = await world.call('ExecuteMultiOperation', request());
  assert.equal(responses?.[0]?.startWorkflow?.runId, 'run');
  assert.equal(responses?.[1]?.updateWorkflow?.updateRef?.workflowExecution?.runId, 'run');
});

test('an update that is aborted by the workflow that it started is the only error', async () => {
  const world = await FrontendWorld.start({
    history: {
      updateWithStart: async () => ({ start: { runId: 'run', started: true } }),
      updateWorkflow: async () => Promise.reject(notFound(CLOSED)),
    },
  });
  const error = await world.fails('ExecuteMultiOperation', request());
  assert.equal(error.code, GrpcCode.NOT_FOUND);
  assert.deepEqual(statusesOf(error), ['0', `5 ${CLOSED}`]);
});

test('a workflow that closes on its update is started anew once, and then the caller is to try again', async () => {
  let tries = 0;
  let closings = 1;
  const world = await FrontendWorld.start({
    history: {
      updateWithStart: async () => {
        tries += 1;
        return { start: { runId: 'run', started: tries > 1 && closings === 1 } };
      },
      updateWorkflow: async () => (tries > closings ? { stage: 3 } : Promise.reject(notFound(CLOSED))),
    },
  });
  const { responses } = await world.call('ExecuteMultiOperation', request());
  assert.equal(responses?.[0]?.startWorkflow?.started, true);
  assert.equal(tries, 2);
  tries = 0;
  closings = 2;
  const error = await world.fails('ExecuteMultiOperation', request());
  assert.equal(error.code, GrpcCode.ABORTED);
  assert.deepEqual(statusesOf(error), [INNOCENT, `10 ${CLOSED}`]);
});
