import assert from 'node:assert/strict';
import test from 'node:test';
import type { FrontendLimits } from '../limits.ts';
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
const link = (workflowId: string) => ({ workflowEvent: { namespace: 'default', workflowId, runId: 'run' } });
const to = (url: string, header: Record<string, string> = {}) => ({
  completionCallbacks: [{ nexus: { url, header } }],
});
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
  ['a callback to nowhere', to('https:///done'), '3 invalid url: missing host'],
  [
    'a callback to a host that is not allowed',
    to('https://example.com/done'),
    '3 invalid url: url does not match any configured callback address: https://example.com/done',
  ],
  [
    'a callback of a long address',
    to(`https://${'x'.repeat(1000)}`),
    '3 invalid url: url length longer than max length allowed of 1000',
  ],
  [
    'a callback with a long header',
    to('temporal://system', { key: 'x'.repeat(8190) }),
    '3 invalid header: header size longer than max allowed size of 8192',
  ],
  ['a callback of no kind', { completionCallbacks: [{}] }, '12 unknown callback variant: <nil>'],
  [
    'too many callbacks',
    { completionCallbacks: Array.from({ length: 2001 }, () => ({ nexus: { url: 'temporal://system' } })) },
    '3 cannot attach more than 2000 callbacks to an execution',
  ],
  [
    'too many links, those of callbacks counted',
    {
      links: [link('a')],
      completionCallbacks: [
        { nexus: { url: 'temporal://system' }, links: Array.from({ length: 10 }, (_, i) => link(`${i}`)) },
      ],
    },
    '3 cannot attach more than 10 links per request, got 11',
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

async function started(request: Partial<Start>, limits: Partial<FrontendLimits> = {}): Promise<Start> {
  let seen: Start = {};
  const startWorkflow = async (call: { request?: Start | undefined }) => {
    seen = call.request ?? {};
    return { runId: 'run' };
  };
  const world = await FrontendWorld.start({ history: { startWorkflow } }, { limits });
  await world.call('StartWorkflowExecution', { ...good, ...request });
  return seen;
}

test('callbacks reach history with headers in lower case, and a link they carry is kept with them only', async () => {
  const callback = { nexus: { url: 'temporal://system', header: { Token: 'A' } }, links: [link('caller')] };
  const request = await started({ completionCallbacks: [callback], links: [link('caller'), link('another')] });
  assert.deepEqual(request.completionCallbacks?.[0]?.nexus?.header, { token: 'A' });
  assert.deepEqual(
    request.links?.map(({ workflowEvent }) => workflowEvent?.workflowId),
    ['another'],
  );
});

test('callbacks may go where the configuration allows it, by http only if it says so', async () => {
  const callbackAddresses = [
    { pattern: '*.example.com:443', allowInsecure: false },
    { pattern: 'localhost*', allowInsecure: true },
  ];
  const limits = { callbackAddresses };
  for (const url of ['https://a.example.com:443/x', 'http://localhost:80/x']) {
    assert.equal((await started(to(url), limits)).completionCallbacks?.length, 1, url);
  }
  const world = await FrontendWorld.start({}, { limits });
  const refusal = (url: string) => world.refusal('StartWorkflowExecution', { ...good, ...to(url) });
  assert.match(await refusal('http://a.example.com:443/x'), /callback address does not allow insecure connections/);
  assert.match(await refusal('https://example.com:443/x'), /does not match any configured callback address/);
  assert.match(await refusal('https://a.example.com:443@evil.org/x'), /does not match any configured callback address/);
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
