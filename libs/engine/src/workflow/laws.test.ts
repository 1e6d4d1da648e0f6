import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Plain, temporal } from '@duramesh/proto';
import { type ActivityStep, actOnActivity } from './activity-steps.fixture.ts';
import { eventName, toDuration } from './events.ts';
import { Subject } from './law-subject.fixture.ts';
import { operate, OPERATOR_CHOICES } from './operator-steps.fixture.ts';
import {
  answerOfOthers,
  OTHERS_CHOICES,
  othersCommand,
  PARENTAGE,
  tellOthers,
} from './other-workflow-steps.fixture.ts';
import { outstandingTasks } from './outstanding.ts';
import { jsonPayload } from './properties.ts';
import { payloads, scheduleCommand } from './schedule-command.fixture.ts';
import { answersTo, sendUpdate } from './update-steps.fixture.ts';
import { versionAnswer, versionOfStep } from './version-steps.fixture.ts';

type Command = Plain<temporal.api.command.v1.ICommand>;
type TimeSkippingConfig = Plain<temporal.api.common.v1.ITimeSkippingConfig>;

/** One step of somebody: a client, a worker, or the passing of time. */
type Step =
  | { readonly kind: 'signal'; readonly requestId: string }
  | { readonly kind: 'cancel' | 'terminate' | 'delete' | 'resetSticky' | 'attach' | 'failTask' | 'wake' | 'lose' }
  | { readonly kind: 'startTask'; readonly requestId: string; readonly sticky: boolean; readonly version?: number }
  | {
      readonly kind: 'completeTask';
      readonly commands: readonly Command[];
      readonly flags: number;
      readonly answers?: readonly number[];
    }
  | { readonly kind: 'update'; readonly which: number }
  | ({ readonly kind: 'activity' } & ActivityStep)
  | { readonly kind: 'operator' | 'others'; readonly choices: readonly number[] }
  | { readonly kind: 'reset'; readonly which: number }
  | { readonly kind: 'time'; readonly ms: number };

const timerCommand = fc.record({ id: fc.integer({ max: 2, min: 0 }), ms: fc.integer({ min: 0, max: 20_000 }) });
const workerCommand: fc.Arbitrary<Command> = fc.oneof(
  timerCommand.map(({ id, ms }) => ({
    commandType: 3,
    startTimerCommandAttributes: { timerId: `t${id}`, startToFireTimeout: { seconds: 0, nanos: ms * 1_000 } },
  })),
  fc.integer({ min: 0, max: 2 }).map((id) => ({ commandType: 6, cancelTimerCommandAttributes: { timerId: `t${id}` } })),
  fc
    .record({ id: fc.integer({ min: 0, max: 3 }), retries: fc.integer({ min: 0, max: 3 }) })
    .map(({ id, retries }) => scheduleCommand(id, retries)),
  fc.integer({ min: 1, max: 20 }).map((id) => ({
    commandType: 2,
    requestCancelActivityTaskCommandAttributes: { scheduledEventId: id },
  })),
  fc.tuple(fc.nat(5), fc.nat(3)).map(([which, id]) => othersCommand(which, id)),
  fc.constant({ commandType: 9, recordMarkerCommandAttributes: { markerName: 'm' } }),
  fc.constant({
    commandType: 13,
    upsertWorkflowSearchAttributesCommandAttributes: { searchAttributes: { indexedFields: { K: jsonPayload('v') } } },
  }),
  fc.constant({
    commandType: 16,
    modifyWorkflowPropertiesCommandAttributes: { upsertedMemo: { fields: { m: jsonPayload(1) } } },
  }),
);
const closingCommand: fc.Arbitrary<Command> = fc.constantFrom(
  { commandType: 4, completeWorkflowExecutionCommandAttributes: { result: payloads } },
  { commandType: 5, failWorkflowExecutionCommandAttributes: { failure: { message: 'no' } } },
  { commandType: 7, cancelWorkflowExecutionCommandAttributes: {} },
  {
    commandType: 10,
    continueAsNewWorkflowExecutionCommandAttributes: { workflowType: { name: 't' }, taskQueue: { name: 'tq' } },
  },
);
const commandList = fc
  .tuple(
    fc.array(workerCommand, { maxLength: 4 }),
    fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: closingCommand }),
  )
  .map(([commands, last]) => (last ? [...commands, last] : commands));

const othersChoices = fc.array(fc.nat(100), { minLength: OTHERS_CHOICES, maxLength: OTHERS_CHOICES });
const operatorChoices = fc.array(fc.nat(100), { minLength: OPERATOR_CHOICES, maxLength: OPERATOR_CHOICES });
const requestId = fc.integer({ min: 0, max: 4 }).map((n) => `request-${n}`);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: requestId.map((id) => ({ kind: 'signal' as const, requestId: id })) },
  { weight: 1, arbitrary: fc.constantFrom('cancel' as const, 'resetSticky' as const, 'attach' as const).map(kindOnly) },
  { weight: 1, arbitrary: fc.constantFrom('failTask' as const, 'wake' as const, 'lose' as const).map(kindOnly) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('startTask' as const),
      requestId,
      sticky: fc.boolean(),
      version: fc.nat(3),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('completeTask' as const),
      commands: commandList,
      flags: fc.integer({ min: 0, max: 23 }),
      answers: fc.array(fc.nat(9), { maxLength: 4 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('activity' as const),
      which: fc.integer({ min: 0, max: 3 }),
      act: fc.integer({ min: 0, max: 5 }),
      byId: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.nat(4).map((which) => ({ kind: 'update' as const, which })) },
  { weight: 4, arbitrary: operatorChoices.map((choices) => ({ kind: 'operator' as const, choices })) },
  { weight: 5, arbitrary: othersChoices.map((choices) => ({ kind: 'others' as const, choices })) },
  { weight: 1, arbitrary: fc.nat(20).map((which) => ({ kind: 'reset' as const, which })) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 15_000 }).map((ms) => ({ kind: 'time' as const, ms })) },
);
const ofOneRun = step.filter(({ kind }) => kind !== 'reset');
function kindOnly<K extends string>(kind: K): { readonly kind: K } {
  return { kind };
}

/** The clock of a run: the real one, or its own. */
const clock: fc.Arbitrary<TimeSkippingConfig | undefined> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc
      .record({ skips: fc.integer({ min: 1, max: 6 }), forwardMs: fc.option(fc.integer({ min: 1, max: 60_000 })) })
      .map(({ skips, forwardMs }) => ({
        enabled: true,
        maxSessionSkipCount: skips,
        fastForwardConfig: forwardMs === null ? undefined : { id: 'f', duration: toDuration(forwardMs) },
      })),
  },
);

/** Where a run comes from: a third of the runs are children. */
const origin = fc.record({ skipping: clock, parent: fc.constantFrom(undefined, undefined, PARENTAGE) });

/** Half of the runs have activities from the beginning. */
const opening: fc.Arbitrary<readonly Step[]> = fc.constantFrom(0, 0, 1, 3).map((count) => {
  if (count === 0) return [];
  const commands = Array.from({ length: count }, (_, i) => scheduleCommand(i, i));
  const begin = { kind: 'startTask', requestId: 'opening', sticky: false } as const;
  return [begin, { kind: 'completeTask', commands, flags: 0 }];
});

function play(subject: Subject, step: Step): void {
  const identity = 'someone';
  switch (step.kind) {
    case 'signal':
      subject.ask('SignalWorkflow', { signalName: 's', requestId: step.requestId, identity, endsBackoff: false });
      return;
    case 'cancel':
      subject.ask('RequestCancelWorkflow', { reason: 'r', identity, requestId: 'c', firstExecutionRunId: '' });
      return;
    case 'terminate':
      subject.ask('TerminateWorkflow', { reason: 'r', identity, firstExecutionRunId: '' });
      return;
    case 'delete':
      subject.ask('DeleteWorkflow', {});
      return;
    case 'resetSticky':
      subject.ask('ResetSticky', {});
      return;
    case 'attach':
      subject.ask('AttachRequest', {
        requestId: 'attached',
        identity,
        attachRequestId: true,
        completionCallbacks: [{ nexus: { url: 'temporal://system' } }],
        links: [],
      });
      return;
    case 'lose':
      subject.lose();
      return;
    case 'update':
      sendUpdate(subject, step.which);
      return;
    case 'wake':
      subject.ask('WakeUp', {});
      return;
    case 'time':
      subject.pass(step.ms);
      return;
    case 'failTask':
      subject.ask('FailWorkflowTask', { held: subject.held(), request: { cause: 24, identity } });
      return;
    case 'startTask':
      startTask(subject, step);
      return;
    case 'completeTask':
      completeTask(subject, step);
      return;
    case 'reset':
      subject.reset(step.which);
      return;
    case 'operator':
      operate(subject, step.choices);
      return;
    case 'others':
      answerOfOthers(subject, step.choices);
      return;
    case 'activity':
      actOnActivity(subject, step);
  }
}

function startTask(subject: Subject, { requestId, sticky, version = 0 }: Extract<Step, { kind: 'startTask' }>): void {
  const { scheduledEventId = 0, attempt = 1, stamp = 0 } = subject.state.info.workflowTask ?? {};
  const polledQueue = sticky ? 'sticky' : 'tq';
  const command = {
    scheduledEventId,
    attempt,
    stamp,
    requestId,
    identity: 'worker',
    polledQueue,
    polledSticky: sticky,
    worker: versionOfStep(version),
    target: versionOfStep(version),
  };
  subject.ask('StartWorkflowTask', command);
}

function completeTask(
  subject: Subject,
  { commands, flags, answers = [] }: Extract<Step, { kind: 'completeTask' }>,
): void {
  const sticky = { workerTaskQueue: { name: 'sticky' }, scheduleToStartTimeout: { seconds: 5 } };
  const request = {
    commands,
    messages: answersTo(subject.state, answers),
    identity: 'worker',
    forceCreateNewWorkflowTask: (flags & 1) > 0,
    returnNewWorkflowTask: (flags & 2) > 0,
    stickyAttributes: (flags & 4) > 0 ? sticky : undefined,
    ...versionAnswer(subject.state, flags >> 3),
  };
  subject.ask('CompleteWorkflowTask', { held: subject.held(), request });
}

test('whatever is asked of a run in whatever order, its laws hold after every transition', () => {
  fc.assert(
    fc.property(
      opening,
      fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }),
      origin,
      (opened, steps, { skipping, parent }) => {
        const subject = new Subject(skipping, parent);
        for (const next of [...opened, ...steps]) play(subject, next);
      },
    ),
    { numRuns: 400 },
  );
});

/** An idle run, and those who send it updates or answer them. */
const idle: readonly Step[] = [
  { kind: 'startTask', requestId: 'idle', sticky: false },
  { kind: 'completeTask', commands: [], flags: 0 },
];
const updateStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.nat(3).map((which) => ({ kind: 'update' as const, which })) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('startTask' as const), requestId, sticky: fc.boolean() }) },
  {
    weight: 5,
    arbitrary: fc
      .record({ flags: fc.constantFrom(0, 0, 2, 4, 6, 1), answers: fc.array(fc.nat(9), { maxLength: 3 }) })
      .map((said) => ({ kind: 'completeTask' as const, commands: [], ...said })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('failTask' as const, 'lose' as const, 'attach' as const, 'terminate' as const)
      .map(kindOnly),
  },
  { weight: 1, arbitrary: requestId.map((id) => ({ kind: 'signal' as const, requestId: id })) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 15_000 }).map((ms) => ({ kind: 'time' as const, ms })) },
);

test('the laws hold while an idle run is sent updates, which may be rejected, lost or overtaken', () => {
  fc.assert(
    fc.property(fc.array(updateStep, { minLength: 5, maxLength: 40, size: 'max' }), clock, (steps, skipping) => {
      const subject = new Subject(skipping);
      for (const next of [...idle, ...steps]) play(subject, next);
    }),
    { numRuns: 400 },
  );
});

test('the end of an activity that the close of its run overtakes is in no history, and nothing waits for it', () => {
  const subject = new Subject();
  const activity = { activityId: 'a', activityType: { name: 'act' }, taskQueue: { name: 'tq' } };
  play(subject, { kind: 'startTask', requestId: 'r', sticky: false });
  const commands = [
    { commandType: 1, scheduleActivityTaskCommandAttributes: { ...activity, startToCloseTimeout: { seconds: 5 } } },
    { commandType: 2, requestCancelActivityTaskCommandAttributes: { scheduledEventId: 5 } },
    { commandType: 4, completeWorkflowExecutionCommandAttributes: {} },
  ];
  play(subject, { kind: 'completeTask', commands, flags: 0 });
  assert.equal(subject.isOpen, false);
  assert.equal(eventName(subject.events.at(-1)?.eventType), 'WorkflowExecutionCompleted');
  assert.equal(subject.wakeAtMs, 0);
});

test('a run that is left alone ends by its timeout and then wants nothing any more', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), origin, (steps, { skipping, parent }) => {
      const subject = new Subject(skipping, parent);
      for (const next of steps) play(subject, next);
      subject.pass(700_000);
      assert.equal(subject.isOpen, false);
      assert.equal(subject.wakeAtMs, 0);
      tellOthers(subject);
      assert.deepEqual(outstandingTasks(subject.state), []);
    }),
    { numRuns: 100 },
  );
});

test('a closed run answers every further request without another event', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 20 }),
      ofOneRun,
      fc.constantFrom('terminate', 'delete'),
      (steps, last, end) => {
        const subject = new Subject();
        for (const next of steps) play(subject, next);
        play(subject, { kind: end });
        const { length } = subject.events;
        for (const next of [last, kindOnly('delete')]) play(subject, next);
        assert.equal(subject.events.length, length);
        assert.deepEqual(outstandingTasks(subject.state), [{ type: 'DeleteRun' }]);
      },
    ),
    { numRuns: 100 },
  );
});
