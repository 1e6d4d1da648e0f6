import assert from 'node:assert/strict';
import test from 'node:test';
import type { RequestOf, HistoryContract } from '@duramesh/contracts';
import { decodeState, eventName, type HistoryEvent } from '@duramesh/engine';
import { type Plain, publicCodec, RunState, type temporal } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import { decodeBatch } from '../read/history-reader.ts';
import { HistoryWorld, NAMESPACE } from '../testing/history-world.ts';

type Command = Plain<temporal.api.command.v1.ICommand>;
type ResetRequest = NonNullable<RequestOf<HistoryContract['methods']['resetWorkflow']>['request']>;

const CONTINUE: Command = {
  commandType: 10,
  continueAsNewWorkflowExecutionCommandAttributes: { workflowType: { name: 'type' }, taskQueue: { name: 'queue' } },
};
const COMPLETE: Command = { commandType: 4, completeWorkflowExecutionCommandAttributes: {} };

const rowOf = (world: HistoryWorld, runId: string) =>
  must(
    [...world.database.runs.values()].find(({ key }) => key.runId === runId),
    `run ${runId} is stored`,
  );
const stateOf = (world: HistoryWorld, runId: string) => {
  const row = rowOf(world, runId);
  return decodeState(row.info, [...row.items.values()]);
};
const eventsOf = (world: HistoryWorld, runId: string): readonly HistoryEvent[] =>
  rowOf(world, runId).history.flatMap(({ data }) => decodeBatch(data));
const namesOf = (world: HistoryWorld, runId: string): string =>
  eventsOf(world, runId)
    .map(({ eventType }) => (eventName(eventType) ?? '').replace('Workflow', '').replace('Execution', ''))
    .join(' ');
const openRuns = (world: HistoryWorld): readonly string[] =>
  [...world.database.runs.values()]
    .map(({ key }) => key.runId)
    .filter((runId) => stateOf(world, runId).info.state !== RunState.RUN_STATE_COMPLETED);
const currentRun = (world: HistoryWorld): string | undefined => [...world.database.current.values()][0];

/** A worker takes the workflow task of the run and answers it. */
async function step(world: HistoryWorld, runId: string, commands: readonly Command[] = []): Promise<void> {
  const task = must(stateOf(world, runId).info.workflowTask, 'a workflow task is pending');
  const { scheduledEventId, attempt, stamp } = task;
  const at = { namespace: NAMESPACE, workflowId: 'wf', runId };
  const requestId = `start-${scheduledEventId}`;
  const started = await world.do(
    world.client.recordWorkflowTaskStarted({
      ...at,
      scheduledEventId,
      attempt,
      stamp,
      requestId,
      identity: 'worker',
      taskQueue: { name: 'queue', kind: 1 },
      deploymentOptions: undefined,
      workerVersionCapabilities: undefined,
    }),
  );
  const { taskToken } = pollResponse.decode(started.pollResponse);
  const request = { taskToken, commands, identity: 'worker' };
  await world.do(world.client.respondWorkflowTaskCompleted({ namespace: NAMESPACE, workflowId: 'wf', request }));
}
const pollResponse = publicCodec<Plain<temporal.api.workflowservice.v1.IPollWorkflowTaskQueueResponse>>(
  'temporal.api.workflowservice.v1.PollWorkflowTaskQueueResponse',
);

async function reset(world: HistoryWorld, runId: string, more: Partial<ResetRequest> = {}): Promise<string> {
  const request = {
    workflowExecution: { workflowId: 'wf', runId },
    workflowTaskFinishEventId: 4,
    requestId: 'reset',
    reason: 'again',
    ...more,
  };
  return (await world.do(world.client.resetWorkflow({ namespace: NAMESPACE, request }))).runId ?? '';
}

/** A run with one workflow task behind it and a signal after that. */
async function signaled(world = new HistoryWorld()): Promise<{ readonly world: HistoryWorld; readonly base: string }> {
  await world.start();
  const { runId: base = '' } = await world.startWorkflow();
  await step(world, base);
  await world.signal('one');
  return { world, base };
}

test('the base ends, the new run is current, and its workflow task goes to matching', async () => {
  const { world, base } = await signaled();
  const runId = await reset(world, base);
  assert.equal(namesOf(world, runId), 'Started TaskScheduled TaskStarted TaskFailed Signaled TaskScheduled');
  assert.equal(eventsOf(world, base).at(-1)?.workflowExecutionTerminatedEventAttributes?.identity, 'history-resetter');
  assert.deepEqual([currentRun(world), openRuns(world)], [runId, [runId]]);
  assert.deepEqual(world.handedOver.at(-1)?.task?.runId, runId);
  assert.deepEqual(
    eventsOf(world, runId).map(({ eventId }) => eventId),
    [1, 2, 3, 4, 5, 6],
  );
  await step(world, runId, [COMPLETE]);
});

test('a reset that is asked for again answers with the run it made, also when that one has continued as new', async () => {
  const { world, base } = await signaled();
  const runId = await reset(world, base);
  assert.equal(await reset(world, base), runId);
  assert.equal(await reset(world, ''), runId);
  await step(world, runId, [CONTINUE]);
  assert.notEqual(currentRun(world), runId);
  assert.equal(await reset(world, base), runId);
  assert.equal(await reset(world, ''), runId);
  assert.equal(world.database.runs.size, 3);
});

test('a reset whose write was lost after it landed makes one run', async () => {
  const { world, base } = await signaled();
  world.fates.push({ landsAfterMs: 0 });
  const runId = await reset(world, base);
  assert.deepEqual([world.database.runs.size, openRuns(world)], [2, [runId]]);
});

test('a reset whose write never lands is made again', async () => {
  const { world, base } = await signaled();
  world.fates.push({ landsAfterMs: undefined });
  const runId = await reset(world, base);
  assert.deepEqual([world.database.runs.size, openRuns(world)], [2, [runId]]);
});

test('an older run takes the place of the current one, and what came to that one does not come again', async () => {
  const { world, base } = await signaled();
  await step(world, base, [COMPLETE]);
  const { runId: current = '' } = await world.startWorkflow('wf', 'second');
  await world.signal('two');
  const runId = await reset(world, base);
  assert.deepEqual(openRuns(world), [runId]);
  assert.match(namesOf(world, current), /Signaled Terminated$/);
  assert.equal(namesOf(world, runId), 'Started TaskScheduled TaskStarted TaskFailed Signaled TaskScheduled');
  assert.equal(stateOf(world, base).info.resetRunId, runId);
  assert.equal(stateOf(world, current).info.resetRunId, '');
});

test('signals of the runs that the base continued as come again, until a run is gone', async () => {
  const { world, base } = await signaled();
  await step(world, base, [CONTINUE]);
  await world.clock.advance(2_000);
  const second = currentRun(world) ?? '';
  await world.signal('two');
  await step(world, second, [CONTINUE]);
  await world.clock.advance(2_000);
  await world.signal('three');
  const signalsOf = (runId: string) =>
    eventsOf(world, runId).flatMap((event) => event.workflowExecutionSignaledEventAttributes?.requestId ?? []);
  assert.deepEqual(signalsOf(await reset(world, base)), ['one', 'two', 'three']);
  const workflowExecution = { workflowId: 'wf', runId: second };
  await world.do(world.client.deleteWorkflow({ namespace: NAMESPACE, request: { workflowExecution } }));
  assert.deepEqual(signalsOf(await reset(world, base, { requestId: 'again' })), ['one']);
});

test('an older run can be reset when the current one was deleted', async () => {
  const { world, base } = await signaled();
  await step(world, base, [COMPLETE]);
  await world.startWorkflow('wf', 'second');
  await world.do(
    world.client.deleteWorkflow({ namespace: NAMESPACE, request: { workflowExecution: { workflowId: 'wf' } } }),
  );
  assert.equal(currentRun(world), undefined);
  const runId = await reset(world, base);
  assert.deepEqual([currentRun(world), openRuns(world)], [runId, [runId]]);
});

/** A world that copies histories batch by batch. */
async function inPieces(): Promise<{ readonly world: HistoryWorld; readonly base: string }> {
  const world = new HistoryWorld();
  world.copyPieceBytes = 1;
  const { base } = await signaled(world);
  await step(world, base);
  await world.signal('two');
  return { world, base };
}
const LATE = { workflowTaskFinishEventId: 8 };

test('a long history is copied in pieces that nobody sees before the run is there', async () => {
  const { world, base } = await inPieces();
  world.fates.push({ landsAfterMs: 30_000 });
  const resetting = reset(world, base, LATE);
  const runId = await resetting;
  assert.equal(world.database.runs.size, 2);
  assert.equal(
    namesOf(world, runId),
    'Started TaskScheduled TaskStarted TaskCompleted Signaled TaskScheduled TaskStarted TaskFailed Signaled TaskScheduled',
  );
  await world.clock.advance(60_000);
  assert.equal(world.database.runs.size, 2, 'nothing is left of the first try');
});

test('pieces of unknown outcome, and those of a reset that is refused, leave nothing behind', async () => {
  const { world, base } = await inPieces();
  world.stagingFates.push('answered', { landsAfterMs: 0 });
  const runId = await reset(world, base, LATE);
  assert.deepEqual([world.database.runs.size, openRuns(world)], [2, [runId]]);
  const operation = { updateWorkflowOptions: { updateMask: { paths: ['versioning_override.behavior'] } } };
  const refused = reset(world, base, { ...LATE, requestId: 'other', postResetOperations: [operation] });
  await assert.rejects(refused, /versioning_override fields must be updated together/);
  assert.equal(world.database.runs.size, 2);
});

test('what a dead owner has copied is removed by the next one', async () => {
  const { world, base } = await inPieces();
  world.deletionFate = { landsAfterMs: undefined };
  world.stagingFates.push('answered', ...Array.from({ length: 5 }, () => ({ landsAfterMs: undefined })));
  await assert.rejects(reset(world, base, LATE));
  assert.ok(world.database.runs.size > 1);
  await world.do(world.service?.stop() ?? Promise.resolve());
  world.deletionFate = 'answered';
  await world.start('history-1');
  await world.clock.advance(5_000);
  assert.equal(world.database.runs.size, 1);
  assert.deepEqual(openRuns(world), [base]);
});

test('points inside a batch and beside workflow tasks are refused, and nothing changes', async () => {
  const { world, base } = await signaled();
  const refusal = async (workflowTaskFinishEventId: number): Promise<string> =>
    reset(world, base, { workflowTaskFinishEventId }).then(
      () => 'none',
      (error: unknown) => (error instanceof Error ? error.message : ''),
    );
  for (const id of [0, 1, 7, 99]) assert.match(await refusal(id), /must be > 1 && <= workflow last event ID/);
  assert.match(await refusal(2), /event ID: 1, version: 0, this event must be at the boundary/);
  assert.match(await refusal(5), /Can only reset workflow to event ID in range .*: 5$/);
  assert.deepEqual(openRuns(world), [base]);
});
