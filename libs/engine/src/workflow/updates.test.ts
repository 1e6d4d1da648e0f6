import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scheduleActivity } from './activity-scenario.fixture.ts';
import { completeWorkflow, marker, STICKY } from './history-scenario.fixture.ts';
import { UpdateScenario } from './update-scenario.fixture.ts';
import { updateProgress } from './updates.ts';

const IDLE = 'St S B C';
const continueAsNew = { commandType: 10, continueAsNewWorkflowExecutionCommandAttributes: {} };

test('an update of an idle run writes nothing until it is accepted', () => {
  const run = UpdateScenario.idle();
  const { stateTransitionCount } = run.state.info;
  assert.deepEqual(run.send('u1'), { kind: 'admitted' });
  assert.deepEqual(run.delivered(), ['u1/request after 5']);
  assert.equal(run.short, IDLE);
  assert.equal(run.state.info.stateTransitionCount, stateTransitionCount);
  run.says(run.does('u1'));
  assert.equal(run.short, `${IDLE} S B C UA UC`);
  assert.equal(run.toldShort('u1'), 'completed: well');
});

test('a rejected update of an idle run leaves no trace, and the next task takes its ids', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  run.begin();
  const outcome = run.says(run.rejects('u1'));
  assert.equal(outcome.kind, 'inMemory');
  assert.equal('reply' in outcome && outcome.reply.resetHistoryEventId, 3);
  assert.equal(run.short, IDLE);
  assert.equal(run.toldShort('u1'), 'completed: no u1');
  assert.equal(updateProgress(run.state, 'u1'), undefined);
  run.send('u1');
  assert.deepEqual(run.delivered(), ['u1/request after 5']);
});

test('an answer to a task that was forgotten is not taken for one to the task in its place, not even at the same moment', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  run.begin();
  const forgotten = run.held;
  run.says(run.rejects('u1'));
  run.send('u2');
  run.begin();
  assert.deepEqual({ ...run.held, stamp: 0 }, { ...forgotten, stamp: 0 }, 'but for the stamp they are alike');
  const outcome = run.ask('CompleteWorkflowTask', { held: forgotten, request: { identity: 'worker' } });
  assert.equal(outcome.kind, 'refused');
});

test('a task that brings events beside a rejected update stays, unless its worker can go back before them', () => {
  const busy = (): UpdateScenario => {
    const run = new UpdateScenario();
    run.begin().answer([scheduleActivity()]);
    run.send('u1');
    run.begin();
    return run;
  };
  const stays = busy();
  stays.says(stays.rejects('u1'));
  assert.equal(stays.short, `${IDLE} AS S B C`);
  const goesBack = busy();
  goesBack.says(goesBack.rejects('u1'), { capabilities: { discardSpeculativeWorkflowTaskWithEvents: true } });
  assert.equal(goesBack.short, `${IDLE} AS`);
});

test('the first task of a run stays, because its worker has nothing to go back to', () => {
  const run = new UpdateScenario({ workflowStartDelay: { seconds: 600 } });
  run.send('u1');
  run.begin();
  run.says(run.rejects('u1'));
  assert.equal(run.short, IDLE);
  assert.equal(run.state.info.backoffUntilMs, 0);
});

test('an update wakes a run whose start is delayed, and the delay goes on if it is lost', () => {
  const run = new UpdateScenario({ workflowStartDelay: { seconds: 600 } });
  run.send('u1');
  run.lose();
  assert.equal(run.state.info.workflowTask, undefined);
  run.wakeAtMs = run.state.info.backoffUntilMs;
  run.pass(600_000);
  assert.equal(run.short, 'St S');
});

test('an update rides on the first workflow task when it comes before it', () => {
  const run = new UpdateScenario();
  run.send('u1');
  assert.deepEqual(run.delivered(), ['u1/request after 2']);
  run.says(run.does('u1'));
  assert.equal(run.short, `${IDLE} UA UC`);
});

test('an update that comes while a worker is at work gets a task of its own that lasts', () => {
  const run = new UpdateScenario();
  run.begin();
  run.send('u1');
  run.answer();
  assert.equal(run.short, `${IDLE} S`);
  assert.deepEqual(run.delivered(), ['u1/request after 5']);
});

test('the answer to a task may carry a speculative one with the updates that came meanwhile', () => {
  const run = new UpdateScenario();
  run.begin();
  run.send('u1');
  const outcome = run.answer([], { returnNewWorkflowTask: true });
  const reply = 'reply' in outcome ? outcome.reply : undefined;
  assert.deepEqual(
    reply?.newTask?.messages.map(({ id }) => id),
    ['u1/request'],
  );
  assert.equal(run.short, IDLE);
  assert.equal(run.state.info.workflowTask?.speculative, true);
  run.says(run.does('u1'));
  assert.equal(run.short, `${IDLE} S B C UA UC`);
});

test('an answer that is sent again gets the task that came with it, until a worker has answered that one', () => {
  const run = new UpdateScenario();
  run.begin();
  const { held } = run;
  run.signal();
  run.send('u1');
  const answer = (): ReturnType<UpdateScenario['ask']> =>
    run.ask('CompleteWorkflowTask', { held, request: { identity: 'worker', returnNewWorkflowTask: true } });
  const [first, again] = [answer(), answer()];
  assert.deepEqual([first.kind, again.kind], ['committed', 'noop']);
  const taskOf = (outcome: typeof first): object | undefined =>
    'reply' in outcome && 'newTask' in outcome.reply ? { ...outcome.reply.newTask, toldAgain: undefined } : undefined;
  assert.ok(taskOf(first));
  assert.deepEqual(taskOf(again), taskOf(first));
  run.says(run.does('u1'));
  assert.equal(answer().kind, 'refused');
});

test('an update that comes during a forgotten update task gets the ids of that task', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  run.begin();
  run.send('u2');
  run.says(run.rejects('u1'));
  assert.deepEqual(run.delivered(), ['u2/request after 5']);
  run.says(run.does('u2'));
  assert.equal(run.short, `${IDLE} S B C UA UC`);
});

test('a signal before an update task starts has the task written in front of it', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  const handedOver = run.tasks.length;
  run.signal();
  assert.equal(run.short, `${IDLE} S Sig`);
  assert.equal(run.tasks.length, handedOver + 1, 'the copy that matching has is good for a short time only');
  assert.equal(run.wakeAtMs, 0, 'a task that lasts waits for a worker of the normal queue for ever');
  assert.deepEqual(run.delivered(), ['u1/request after 6']);
  run.says(run.rejects('u1'));
  assert.equal(run.short, `${IDLE} S Sig B C`);
});

test('a signal during an update task has the task written, also when the update is rejected', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  run.begin();
  run.signal();
  assert.equal(run.short, `${IDLE} S B`);
  run.says(run.rejects('u1'));
  assert.equal(run.short, `${IDLE} S B C Sig S`);
});

test('a failed update task is written and brings its update again', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  run.begin().fails();
  assert.equal(run.short, `${IDLE} S B F`);
  assert.deepEqual(run.delivered(), ['u1/request after 8']);
  run.says(run.does('u1'));
  assert.equal(run.short, `${IDLE} S B F S B C UA UC`);
});

test('an update task that its worker does not answer in time is written and brings its update again', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  run.begin();
  run.pass(10_000);
  assert.equal(run.short, `${IDLE} S B T`);
  assert.deepEqual(run.delivered(), ['u1/request after 8']);
});

test('an update task that nobody takes for five seconds is followed by one that lasts', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  run.pass(5_000);
  assert.equal(run.short, `${IDLE} S T S`);
  assert.equal(run.state.info.workflowTask?.attempt, 1);
  assert.deepEqual(run.delivered(), ['u1/request after 7']);
});

test('an update task of a sticky run waits for its worker as long as that has asked for', () => {
  const run = new UpdateScenario();
  run.begin().answer([], { stickyAttributes: { ...STICKY, scheduleToStartTimeout: { seconds: 8 } } });
  run.send('u1');
  run.pass(7_000);
  assert.equal(run.short, IDLE);
  run.pass(1_000);
  assert.equal(run.short, `${IDLE} S T S`);
});

test('terminate writes an update task that a worker has, and none that only waits', () => {
  const waiting = UpdateScenario.idle();
  waiting.send('u1');
  waiting.terminate();
  assert.equal(waiting.short, `${IDLE} Terminated`);
  assert.equal(waiting.toldShort('u1'), 'NotFound: workflow update was aborted by closing workflow');
  const started = UpdateScenario.idle();
  started.send('u1');
  started.begin().terminate();
  assert.equal(started.short, `${IDLE} S B F Terminated`);
});

test('a heartbeat of an update task has it written and does not bring the update again', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  run.begin().says([], { forceCreateNewWorkflowTask: true });
  assert.equal(run.short, `${IDLE} S B C S`);
  assert.deepEqual(run.delivered(), []);
  run.says(run.does('u1'));
  assert.equal(run.short, `${IDLE} S B C S B C UA UC`);
});

test('an update is accepted in one task and completed in a later one', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  run.begin().answer([scheduleActivity()], { messages: run.accepts('u1') });
  assert.equal(run.short, `${IDLE} S B C AS UA`);
  assert.equal(run.toldShort('u1'), 'accepted');
  run.signal();
  run.begin().says(run.completes('u1'));
  assert.equal(run.short, `${IDLE} S B C AS UA Sig S B C UC`);
  assert.equal(run.last('WorkflowExecutionUpdateCompleted').acceptedEventId, 9);
});

test('protocol message commands give messages their place among the commands', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  const messages = run.does('u1');
  const [first, second] = messages.map(({ id }) => ({
    commandType: 14,
    protocolMessageCommandAttributes: { messageId: id },
  }));
  run.begin().answer([first ?? {}, marker(), second ?? {}], { messages });
  assert.equal(run.short, `${IDLE} S B C UA Mk UC`);
});

test('an accepted update fails with the end of its run, and an unanswered one is aborted', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  run.send('u2');
  run.begin().answer([completeWorkflow], { messages: run.accepts('u1') });
  // The message comes after the command that closed the run.
  assert.equal(run.short, `${IDLE} S B C Completed`);
  assert.equal(run.toldShort('u1'), 'NotFound: workflow update was aborted by closing workflow');
  const accepted = UpdateScenario.idle();
  accepted.send('u1');
  accepted.begin().says(accepted.accepts('u1'));
  accepted.terminate();
  assert.equal(accepted.toldShort('u1'), 'completed: AcceptedUpdateCompletedWorkflow');
  const progress = updateProgress(accepted.state, 'u1');
  assert.equal(progress?.kind, 'completed');
  assert.equal(accepted.send('u1').kind, 'completed');
});

test('updates that a run leaves behind may go to the run that follows it', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  run.begin().answer([continueAsNew]);
  assert.equal(run.toldShort('u1'), 'BusyWorkflow: workflow operation can not be applied because workflow is closing');
});

test('an update that the worker does not mention is rejected for it', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  run.begin().answer([marker()]);
  assert.equal(run.short, `${IDLE} S B C Mk`);
  assert.equal(run.toldShort('u1'), 'completed: UnprocessedUpdate');
});

test('an update is applied once by its id, and answered again after the run has closed', () => {
  const run = UpdateScenario.idle();
  run.send('u1');
  assert.deepEqual(run.send('u1'), { kind: 'admitted' });
  run.begin().says(run.does('u1'));
  const recorded = { kind: 'recorded', requestId: 'request of u1', at: { batchEventId: 7, eventId: 9 } };
  assert.deepEqual(run.send('u1'), recorded);
  run.terminate();
  assert.deepEqual(run.send('u1'), recorded);
  assert.equal(run.refusalOf('u2').message, 'workflow execution already completed');
});
