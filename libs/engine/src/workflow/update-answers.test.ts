import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributesOf, makeEvent } from './events.ts';
import { marker } from './history-scenario.fixture.ts';
import { rebuild } from './rebuild.ts';
import { UpdateScenario } from './update-scenario.fixture.ts';
import { acceptance, message, rejection, response, updateRequest } from './update-steps.fixture.ts';
import { updateProgress } from './updates.ts';

const IDLE = 'St S B C';

const BAD: readonly (readonly [string, readonly ReturnType<typeof message>[], string])[] = [
  [
    'accepts twice',
    [acceptance('u1'), acceptance('u1')],
    'invalid state transition attempted for Update u1: received *update.Acceptance message while in state ProvisionallyAccepted',
  ],
  [
    'completes what it did not accept',
    [response('u1')],
    'invalid state transition attempted for Update u1: received *update.Response message while in state Sent',
  ],
  [
    'completes what it has rejected',
    [rejection('u1'), response('u1')],
    'invalid state transition attempted for Update u1: received *update.Response message while in state ProvisionallyCompleted',
  ],
  ['sends an update of its own', [message('u1', 'Request', {})], 'Message type *update.Request not supported'],
  [
    'speaks of an update that is not known',
    [acceptance('u9')],
    "update u9 wasn't found on the server. This is most likely a transient error which will be resolved automatically by retries",
  ],
  [
    'does not say what it answers',
    [message('u1', 'Acceptance', { acceptedRequestSequencingEventId: 5 })],
    'invalid *update.Acceptance: accepted_request_message_id is not set',
  ],
  ['sends nothing', [{ id: 'm', protocolInstanceId: 'u1' }], 'Update u1 received message with nil body'],
];
for (const [what, messages, text] of BAD) {
  test(`the workflow task fails when its worker ${what}`, () => {
    const run = UpdateScenario.idle();
    run.send('u1');
    run.begin();
    run.send('u2');
    // Messages are told apart by their ids.
    const named = messages.map((one, i) => ({ ...one, id: `${i}` }));
    const problem = run.refusedAnswer([], { messages: named });
    assert.equal(problem, `BadUpdateWorkflowExecutionMessage: ${text}`);
    assert.equal(run.short, `${IDLE} S B F`);
    const seen = 'Unable to perform workflow execution update due to unexpected workflow task failure.';
    assert.equal(run.toldShort('u1'), `WorkflowNotReady: ${seen}`);
    assert.equal(run.toldShort('u2'), 'Unavailable: workflow update was aborted');
  });
}

test('a bad answer to a repeated task aborts its updates and writes nothing', () => {
  const run = UpdateScenario.idle();
  run.signal();
  run.begin().fails();
  run.send('u1');
  run.begin();
  const { stateTransitionCount } = run.state.info;
  assert.match(run.refusedAnswer([], { messages: run.completes('u1') }) ?? '', /while in state Sent$/);
  assert.equal(run.state.info.stateTransitionCount, stateTransitionCount);
  assert.equal(run.state.waitingUpdates.size, 0);
  assert.match(run.toldShort('u1') ?? '', /^WorkflowNotReady/);
});

test('a message that is too large ends the run', () => {
  const run = UpdateScenario.idle();
  run.limits = { ...run.limits, blobSizeBytes: 100 };
  run.send('u1');
  const outcome = { success: { payloads: [{ data: new Uint8Array(200) }] } };
  const large = message('u1', 'Response', { meta: { updateId: 'u1' }, outcome });
  run.begin();
  const text = 'Message type temporal.api.update.v1.Response exceeds size limit.';
  assert.equal(
    run.refusedAnswer([], { messages: [acceptance('u1'), large] }),
    `BadUpdateWorkflowExecutionMessage: ${text}`,
  );
  assert.equal(run.short, `${IDLE} S B F Terminated`);
});

test('an answer to an update that was lost revives it if it says what it answers', () => {
  const run = UpdateScenario.idle();
  run.signal();
  run.begin().says([acceptance('u1', { acceptedRequest: updateRequest('u1') }), response('u1')]);
  assert.equal(run.short, `${IDLE} Sig S B C UA UC`);
  assert.equal(run.last('WorkflowExecutionUpdateAccepted').acceptedRequest?.meta?.updateId, 'u1');
});

test('an update that was sent again while its worker answers the first time is taken as answered', () => {
  const run = UpdateScenario.idle();
  run.signal();
  run.begin();
  run.send('u1');
  run.says(run.does('u1'));
  assert.equal(run.short, `${IDLE} Sig S B C UA UC`);
});

test('what is in memory only is gone with the owner of the run, and may be sent again', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  run.begin();
  const { held } = run;
  run.lose();
  assert.equal(updateProgress(run.state, 'u1'), undefined);
  const refusal = run.refusal('CompleteWorkflowTask', { held, request: { messages: run.does('u1') } });
  assert.equal(refusal.message, 'Workflow task not found.');
  assert.deepEqual(run.send('u1'), { kind: 'admitted' });
});

test('a pause takes back an update task that waits, and letting the run go brings its update', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  const who = { identity: 'operator', reason: 'why', requestId: 'p' };
  run.do('PauseWorkflow', who);
  assert.equal(run.state.info.workflowTask, undefined);
  assert.equal(run.refusalOf('u2').message, 'Workflow is paused. Cannot update the workflow.');
  run.do('UnpauseWorkflow', who);
  assert.deepEqual(run.delivered(), ['u1/request after 7']);
});

test('a pause while a worker has an update task leaves the run paused', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  run.begin();
  run.do('PauseWorkflow', { identity: 'operator', reason: 'why', requestId: 'p' });
  assert.equal(run.state.info.status, 8);
  run.says(run.does('u1'));
  assert.equal(run.short, `${IDLE} S B C UA UC WorkflowExecutionPaused`);
});

test('updates are refused while the workflow task keeps failing', () => {
  const run = new UpdateScenario();
  run.begin().fails();
  run.begin().fails();
  assert.deepEqual(run.refusalOf('u1'), {
    code: 'WorkflowNotReady',
    message: 'Unable to perform workflow execution update due to Workflow Task in failed state.',
  });
});

test('ten updates may be in flight, accepted ones among them', () => {
  const run = UpdateScenario.idle();
  run.send('u0');
  run.begin().says(run.accepts('u0'));
  for (let i = 1; i < 10; i++) run.send(`u${i}`);
  const { code, message: text } = run.refusalOf('u10');
  assert.equal(code, 'ConcurrentLimit');
  assert.equal(text, 'limit on number of concurrent in-flight updates has been reached (10)');
  assert.equal(run.send('u3').kind, 'admitted');
  run.begin().says(run.completes('u0'));
  assert.equal(run.send('u10').kind, 'admitted', 'what the worker did not mention is in flight no more');
});

test('what waiting updates ask is bounded in bytes', () => {
  const run = UpdateScenario.idle();
  run.send('u0');
  const [waiting] = run.state.waitingUpdates.values();
  run.limits = { ...run.limits, updatesInFlightSizeBytes: 2 * (waiting?.sizeBytes ?? 0) };
  assert.match(run.refusalOf('u1').message, /^limit on total payload size of in-flight updates/);
});

test('a run that has had many updates is told to continue as new, and takes no more than so many', () => {
  const run = UpdateScenario.idle();
  run.limits = { ...run.limits, updates: 2, suggestContinueAsNewUpdates: 2 };
  run.send('u1');
  run.begin();
  assert.deepEqual(run.state.info.workflowTask?.suggestContinueAsNewReasons, []);
  run.says(run.does('u1'));
  run.send('u2');
  run.begin();
  assert.deepEqual(run.state.info.workflowTask?.suggestContinueAsNewReasons, [3]);
  run.says(run.does('u2'));
  const { code, message: text } = run.refusalOf('u3');
  assert.equal(code, 'FailedPrecondition');
  assert.match(text, /^The limit on the total number of distinct updates in this workflow has been reached \(2\)\./);
});

test('an update of another run is told by an event and no message, and its request is not told twice', () => {
  const base = UpdateScenario.idle();
  const request = updateRequest('u1');
  const admitted = makeEvent('WorkflowExecutionUpdateAdmitted', { request, origin: 1 }, { eventTimeMs: base.now });
  const run = UpdateScenario.idle();
  run.state = rebuild({ namespaceId: 'ns-id', workflowId: 'wf', runId: run.state.info.runId }, [
    ...base.events,
    { ...admitted, eventId: 5, taskId: 5 },
  ]);
  run.events.push({ ...admitted, eventId: 5, taskId: 5 });
  assert.deepEqual(updateProgress(run.state, 'u1'), { kind: 'admitted' });
  assert.deepEqual(run.send('u1'), { kind: 'admitted' });
  run.signal();
  assert.deepEqual(run.delivered(), []);
  run.says(run.does('u1'));
  assert.equal(run.short, `${IDLE} UAdm Sig S B C UA UC`);
  const [event] = run.events.filter(({ eventId }) => eventId === 10);
  assert.equal(attributesOf('WorkflowExecutionUpdateAccepted', event ?? {}).acceptedRequest, undefined);
});

test('an update of another run that the worker ignores is rejected for it', () => {
  const run = UpdateScenario.idle();
  const request = updateRequest('u1');
  const admitted = makeEvent('WorkflowExecutionUpdateAdmitted', { request, origin: 1 }, { eventTimeMs: run.now });
  const told = { ...admitted, eventId: 5, taskId: 5 };
  run.state = rebuild({ namespaceId: 'ns-id', workflowId: 'wf', runId: run.state.info.runId }, [...run.events, told]);
  run.events.push(told);
  run.signal();
  run.begin().answer([marker()]);
  assert.equal(run.toldShort('u1'), 'completed: UnprocessedUpdate');
  assert.equal(run.state.updates.size, 0);
});

test('a run that skips time does so when a rejected update was the last thing that kept it', () => {
  const run = new UpdateScenario({ timeSkippingConfig: { enabled: true } });
  run.begin();
  run.send('u1');
  const timer = { commandType: 3, startTimerCommandAttributes: { timerId: 't', startToFireTimeout: { seconds: 60 } } };
  run.answer([timer], { returnNewWorkflowTask: true });
  assert.equal(run.short, `${IDLE} TimerStarted`);
  run.says(run.rejects('u1'), { capabilities: { discardSpeculativeWorkflowTaskWithEvents: true } });
  assert.equal(run.short, `${IDLE} TimerStarted WorkflowExecutionTimeSkippingTransitioned`);
});
