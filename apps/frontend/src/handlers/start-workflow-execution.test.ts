import assert from 'node:assert/strict';
import test from 'node:test';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { FrontendWorld } from '../testing/frontend-world.ts';

type Start = RpcRequest<'StartWorkflowExecution'>;

const json = (value: unknown) => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(value)),
});
const good: Start = {
  namespace: 'default',
  workflowId: 'wf',
  workflowType: { name: 'type' },
  taskQueue: { name: 'queue' },
  requestId: 'request',
};
const attributes = (indexedFields: Record<string, object>) => ({ searchAttributes: { indexedFields } });
const long = 'x'.repeat(1001);

/** Each with the refusal of the reference, in its order of checks. */
const refusals: readonly [string, Partial<Start>, string][] = [
  ['no namespace', { namespace: '' }, '3 Namespace is empty.'],
  ['a long namespace', { namespace: long }, '3 Namespace length exceeds limit.'],
  ['an unknown namespace', { namespace: 'nobody' }, '5 Namespace nobody is not found.'],
  ['no workflow id', { workflowId: '', workflowType: undefined }, '3 WorkflowId is not set on request.'],
  ['a long workflow id', { workflowId: long }, '3 WorkflowId exceeds maximum allowed length (1001/1000)'],
  [
    'a workflow id whose bytes are too many',
    { workflowId: 'é'.repeat(501) },
    '3 WorkflowId exceeds maximum allowed length (1002/1000)',
  ],
  [
    'a retry policy before cron',
    { retryPolicy: { maximumAttempts: -1 }, cronSchedule: 'whenever' },
    '3 MaximumAttempts cannot be negative on retry policy.',
  ],
  [
    'a negative interval',
    { retryPolicy: { initialInterval: { seconds: -1 } } },
    '3 invalid InitialInterval set on retry policy: negative duration',
  ],
  [
    'a coefficient below one',
    { retryPolicy: { backoffCoefficient: 0.5 } },
    '3 BackoffCoefficient cannot be less than 1 on retry policy.',
  ],
  [
    'an unknown timeout type',
    { retryPolicy: { nonRetryableErrorTypes: ['TemporalTimeout:Never'] } },
    '3 Invalid timeout type value: Never.',
  ],
  ['cron before type', { cronSchedule: 'whenever', workflowType: undefined }, '3 invalid CronSchedule.'],
  ['a minute out of range', { cronSchedule: '61 * * * *' }, '3 invalid CronSchedule.'],
  ['six fields', { cronSchedule: '* * * * * *' }, '3 invalid CronSchedule.'],
  ['an unknown time zone', { cronSchedule: 'CRON_TZ=Mars/Base * * * * *' }, '3 invalid CronSchedule.'],
  [
    'the 30th of February',
    { cronSchedule: '0 0 30 2 *' },
    '3 invalid CronSchedule, no time can be found to satisfy the schedule',
  ],
  [
    'cron and a delay of zero',
    { cronSchedule: '0 * * * *', workflowStartDelay: {} },
    '3 CronSchedule and WorkflowStartDelay may not be used together.',
  ],
  [
    'type before task queue',
    { workflowType: { name: '' }, taskQueue: undefined },
    '3 WorkflowType is not set on request.',
  ],
  ['a long type', { workflowType: { name: long } }, '3 WorkflowType length exceeds limit.'],
  ['no task queue', { taskQueue: undefined, workflowRunTimeout: { seconds: -1 } }, '3 taskQueue is not set'],
  ['a task queue without a name', { taskQueue: {} }, '3 missing task queue name'],
  [
    'a reserved queue',
    { taskQueue: { name: '/_sys/q/1' } },
    '3 task queue name cannot start with reserved prefix /_sys/',
  ],
  [
    'an internal queue',
    { taskQueue: { name: 'temporal-sys-per-ns-tq' } },
    '3 cannot use internal per-namespace task queue:temporal-sys-per-ns-tq',
  ],
  [
    'a negative timeout',
    { workflowTaskTimeout: { seconds: -1 } },
    '3 An invalid WorkflowTaskTimeoutSeconds is set on request. cause: negative duration',
  ],
  [
    'a timeout of two signs',
    { workflowRunTimeout: { seconds: 5, nanos: -1 } },
    '3 An invalid WorkflowRunTimeoutSeconds is set on request. cause: duration has seconds and nanos with different signs',
  ],
  ['a long request id', { requestId: long }, '3 RequestId length exceeds limit.'],
  [
    'policies that contradict before search attributes',
    { workflowIdReusePolicy: 4, workflowIdConflictPolicy: 1, ...attributes({ Nobody: json('x') }) },
    '3 Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING cannot be used together with a WorkflowIDConflictPolicy',
  ],
  [
    'an unknown attribute before priority',
    { ...attributes({ Nobody: json('x') }), priority: { priorityKey: -1 } },
    '3 Namespace default has no mapping defined for search attribute Nobody',
  ],
  [
    'text for a number',
    attributes({ CustomInt: json('many') }),
    '3 invalid value for search attribute CustomInt of type Int: many',
  ],
  ['a negative priority', { priority: { priorityKey: -1 } }, "3 priority key can't be negative"],
  ['a link of no kind', { links: [{}] }, '3 unsupported link variant'],
  [
    'a link without a run',
    { links: [{ workflowEvent: { namespace: 'n', workflowId: 'w' } }] },
    '3 workflow event link must not have an empty run ID field',
  ],
  [
    'a callback of another scheme',
    { completionCallbacks: [{ nexus: { url: 'ftp://example.com/done' } }] },
    '3 invalid url: unknown scheme: ftp://example.com/done',
  ],
  [
    'callbacks attached without their request',
    { workflowIdConflictPolicy: 2, onConflictOptions: { attachCompletionCallbacks: true } },
    '3 attaching request ID is required for attaching completion callbacks',
  ],
  [
    'a fast forward while time is not skipped',
    { timeSkippingConfig: { fastForwardConfig: { id: 'f', duration: { seconds: 1 } } } },
    '3 time_skipping_config: cannot set fast_forward when enabled is false',
  ],
  [
    'a fast forward by nothing',
    { timeSkippingConfig: { enabled: true, fastForwardConfig: { id: 'f' } } },
    '3 Time skipping config invalid: fast_forward duration must be positive',
  ],
  [
    'a fast forward without an id',
    { timeSkippingConfig: { enabled: true, fastForwardConfig: { id: ' ', duration: { nanos: 1 } } } },
    '3 Time skipping config invalid: fast_forward_id must be set',
  ],
  ['a large input', { input: { payloads: [json('b'.repeat(2 ** 21))] } }, '3 Blob data size exceeds limit.'],
  ['a large memo', { memo: { fields: { note: json('b'.repeat(2 ** 21)) } } }, '3 Memo size exceeds limit.'],
];

for (const [what, over, expected] of refusals) {
  test(`a start with ${what} is refused as the reference refuses it`, async () => {
    const world = await FrontendWorld.start();
    assert.equal(await world.refusal('StartWorkflowExecution', { ...good, ...over }), expected);
  });
}

test('a start reaches history with its namespace, its defaults and a request id that a second try keeps', async () => {
  const seen: Start[] = [];
  const namespaces: (string | undefined)[] = [];
  const world = await FrontendWorld.start({
    history: {
      async startWorkflow({ namespace, request }) {
        seen.push(request ?? {});
        namespaces.push(namespace?.id);
        if (seen.length === 1) throw Object.assign(new Error('broken'), {});
        return { runId: 'run', started: true };
      },
    },
  });
  const request = {
    ...good,
    requestId: '',
    retryPolicy: { initialInterval: { seconds: 3 } },
    workflowIdReusePolicy: 4,
    timeSkippingConfig: { enabled: true },
  };
  const answer = await world.call('StartWorkflowExecution', request);
  assert.equal(answer.runId, 'run');
  const [first, second] = seen;
  assert.match(first?.requestId ?? '', /^[0-9a-f-]{36}$/);
  assert.equal(second?.requestId, first?.requestId);
  assert.equal(second?.timeSkippingConfig?.maxSessionSkipCount, 200);
  assert.deepEqual(namespaces, [await world.namespaceId(), await world.namespaceId()]);
  assert.equal(second?.workflowIdReusePolicy, 1);
  assert.equal(second?.workflowIdConflictPolicy, 3);
  assert.equal(second?.taskQueue?.kind, 1);
  assert.equal(second?.retryPolicy?.backoffCoefficient, 2);
  assert.equal(second?.retryPolicy?.maximumInterval?.seconds, 300);
});

test('a deprecated namespace takes signals but no new workflows', async () => {
  const world = await FrontendWorld.start({ history: { signalWorkflow: async () => ({}) } });
  await world.call('DeprecateNamespace', { namespace: 'default' });
  const refused = await world.fails('StartWorkflowExecution', good);
  assert.equal(refused.message, 'Namespace has invalid state: Deprecated. Must be Registered.');
  assert.equal(refused.details[0]?.type_url?.endsWith('NamespaceInvalidStateFailure'), true);
  await world.call('SignalWorkflowExecution', {
    namespace: 'default',
    workflowExecution: { workflowId: 'wf' },
    signalName: 's',
  });
});
