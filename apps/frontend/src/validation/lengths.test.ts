import assert from 'node:assert/strict';
import test from 'node:test';
import { ActivityTaskToken, WorkflowTaskToken } from '@duramesh/proto';
import type { RpcName, RpcRequest } from '../rpc/rpc-types.ts';
import { FrontendWorld } from '../testing/frontend-world.ts';

const long = 'x'.repeat(1001);
const world = await FrontendWorld.start();
const namespaceId = await world.namespaceId();
const namespace = 'default';
const execution = { workflowId: 'wf' };
const workflowToken = WorkflowTaskToken.encode(WorkflowTaskToken.create({ namespaceId, workflowId: 'wf', runId: 'r' }));
const activityToken = ActivityTaskToken.encode(ActivityTaskToken.create({ namespaceId, workflowId: 'wf', runId: 'r' }));
const taskQueue = { name: 'queue' };
const byId = { namespace, workflowId: 'wf', activityId: 'a', identity: long };
const large = { payloads: [{ data: Buffer.alloc(2 ** 21) }] };
const IDENTITY = '3 Identity length exceeds limit.';
const BLOB = '3 Blob data size exceeds limit.';
const BUILD_ID = '3 Build ID exceeds configured limit.workerBuildIdSize, use a shorter build ID.';

interface Case<N extends RpcName> {
  readonly what: string;
  readonly name: N;
  readonly request: RpcRequest<N>;
  readonly told: string;
}
/** The types of a request go by its name. */
const bounded = <N extends RpcName>(
  ...[name, what, request, told]: readonly [N, string, RpcRequest<N>, string]
): Case<N> => ({ name, what, request, told });

const cases = [
  bounded('PollWorkflowTaskQueue', 'identity', { namespace, taskQueue, identity: long }, IDENTITY),
  bounded('PollActivityTaskQueue', 'identity', { namespace, taskQueue, identity: long }, IDENTITY),
  bounded(
    'PollWorkflowTaskQueue',
    'queue',
    { namespace, taskQueue: { name: long } },
    '3 taskQueue length exceeds limit',
  ),
  bounded(
    'PollWorkflowTaskQueue',
    'build id',
    { namespace, taskQueue, workerVersionCapabilities: { buildId: 'b'.repeat(256) } },
    BUILD_ID,
  ),
  bounded('RespondWorkflowTaskCompleted', 'identity', { taskToken: workflowToken, identity: long }, IDENTITY),
  bounded(
    'RespondWorkflowTaskCompleted',
    'build id',
    { taskToken: workflowToken, workerVersionStamp: { buildId: 'b'.repeat(256) } },
    BUILD_ID,
  ),
  bounded('RespondWorkflowTaskFailed', 'identity', { taskToken: workflowToken, identity: long }, IDENTITY),
  bounded('RespondActivityTaskCompleted', 'identity', { taskToken: activityToken, identity: long }, IDENTITY),
  bounded(
    'RespondActivityTaskFailed',
    'identity',
    { taskToken: activityToken, identity: long, failure: { applicationFailureInfo: {} } },
    IDENTITY,
  ),
  bounded('RespondActivityTaskCanceled', 'identity', { taskToken: activityToken, identity: long }, IDENTITY),
  bounded('RespondActivityTaskCompletedById', 'identity', byId, IDENTITY),
  bounded('RespondActivityTaskFailedById', 'identity', { ...byId, failure: { applicationFailureInfo: {} } }, IDENTITY),
  bounded('RespondActivityTaskCanceledById', 'identity', byId, IDENTITY),
  bounded(
    'SignalWorkflowExecution',
    'signal name',
    { namespace, workflowExecution: execution, signalName: long },
    '3 SignalName length exceeds limit.',
  ),
  bounded(
    'SignalWorkflowExecution',
    'request id',
    { namespace, workflowExecution: execution, signalName: 's', requestId: long },
    '3 RequestId length exceeds limit.',
  ),
  bounded(
    'SignalWorkflowExecution',
    'input',
    { namespace, workflowExecution: execution, signalName: 's', input: large },
    BLOB,
  ),
  bounded(
    'SignalWithStartWorkflowExecution',
    'signal name',
    { namespace, workflowId: 'wf', workflowType: { name: 't' }, taskQueue, signalName: long },
    '3 signal name exceeds maximum allowed length (1001/1000)',
  ),
  bounded(
    'SignalWithStartWorkflowExecution',
    'signal input',
    { namespace, workflowId: 'wf', workflowType: { name: 't' }, taskQueue, signalName: 's', signalInput: large },
    BLOB,
  ),
  bounded('QueryWorkflow', 'arguments', { namespace, execution, query: { queryType: 'q', queryArgs: large } }, BLOB),
];

for (const { name, what, request, told } of cases) {
  test(`${name} with ${what} too long is refused before history hears of it`, async () => {
    assert.equal(await world.refusal(name, request), told);
  });
}

test('what is exactly as long as it may be is passed on', async () => {
  const passing = await FrontendWorld.start({ history: { signalWorkflow: async () => ({}) } });
  const signalName = 'x'.repeat(1000);
  await passing.call('SignalWorkflowExecution', { namespace, workflowExecution: execution, signalName });
});
