import { assert, must } from '@duramesh/runtime';
import { type ActivityInfo, type Plain, publicCodec, type temporal } from '@duramesh/proto';
import type { CommandName, CommandOf, HeldActivity, Parentage, ReplyOf } from './commands.ts';
import type { StartedActivityTask, StartedWorkflowTask } from './started-task.ts';
import { eventName, attributesOf, type HistoryEvent } from './events.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { jsonPayload } from './properties.ts';
import type { Refusal } from './refusal.ts';
import { absorb, emptyState, type ExecutionState } from './state.ts';
import { summarize } from './summary.ts';
import type { TaskDraft } from './tasks.ts';
import { type MemoryChange, type Outcome, type RunChange, transition } from './transition.ts';
import type { UpdateNews } from './updates.ts';
import { nextWakeMs } from './wake.ts';
import type { WorkflowRules } from './workflow-rules.ts';

type Command = Plain<temporal.api.command.v1.ICommand>;
type StartRequest = Plain<temporal.api.workflowservice.v1.IStartWorkflowExecutionRequest>;
type Payloads = Plain<temporal.api.common.v1.IPayloads>;

const history = publicCodec<{ readonly events?: readonly HistoryEvent[] }>('temporal.api.history.v1.History');
const freshId = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

export const payloads = (...values: unknown[]): Payloads => ({ payloads: values.map(jsonPayload) });
export const seconds = (count: number): { seconds: number; nanos: number } => ({
  seconds: Math.floor(count),
  nanos: Math.round((count % 1) * 1e9),
});

type ScheduleAttributes = NonNullable<Command['scheduleActivityTaskCommandAttributes']>;
/** An activity `a1` of a minute, but for what is given. */
export const scheduleActivity = (attributes: ScheduleAttributes = {}, more: Command = {}): Command => ({
  commandType: 1,
  scheduleActivityTaskCommandAttributes: {
    activityId: 'a1',
    activityType: { name: 'act' },
    taskQueue: { name: 'tq' },
    startToCloseTimeout: seconds(60),
    ...attributes,
  },
  ...more,
});
export const cancelActivity = (scheduledEventId: number): Command => ({
  commandType: 2,
  requestCancelActivityTaskCommandAttributes: { scheduledEventId },
});
export const startTimer = (timerId: string, startToFireSeconds?: number): Command => ({
  commandType: 3,
  startTimerCommandAttributes: {
    timerId,
    ...(startToFireSeconds !== undefined && { startToFireTimeout: seconds(startToFireSeconds) }),
  },
});
export const cancelTimer = (timerId: string): Command => ({
  commandType: 6,
  cancelTimerCommandAttributes: { timerId },
});
export const completeWorkflow: Command = { commandType: 4, completeWorkflowExecutionCommandAttributes: {} };

/** One run, moved by whole transitions on a clock that only the test moves. */
export class ActivityScenario {
  now = 1_000_000;
  limits: Limits = DEFAULT_LIMITS;
  workflowRules: WorkflowRules = () => undefined;
  traceparent = 'of the start';
  state: ExecutionState = emptyState('ns-id', 'wf', freshId(0));
  readonly events: HistoryEvent[] = [];
  readonly tasks: TaskDraft[] = [];
  wakeAtMs = 0;
  readonly updateNews: UpdateNews[] = [];
  outstanding = false;
  #requests = 0;
  #held: StartedWorkflowTask | undefined;

  constructor(request: StartRequest = {}, parentage?: Parentage) {
    this.do('StartWorkflow', {
      namespaceId: 'ns-id',
      namespace: 'default',
      request: { workflowId: 'wf', workflowType: { name: 'wf-type' }, taskQueue: { name: 'tq' }, ...request },
      requestId: this.freshId(),
      eager: false,
      parentage,
    });
  }

  freshId(): string {
    this.#requests += 1;
    return freshId(this.#requests);
  }

  /** Asks for a transition and makes it so. */
  ask<N extends CommandName>(name: N, command: CommandOf<N>, startedEvent?: HistoryEvent): Outcome<ReplyOf<N>> {
    const { now, limits, workflowRules, traceparent } = this;
    const given = { now, limits, workflowRules, traceparent, newRunId: this.freshId(), chance: 0 };
    const environment = startedEvent ? { ...given, startedEvent } : given;
    const outcome = transition(this.state, { name, command }, environment);
    if (outcome.kind === 'committed') this.#absorb(outcome.change);
    else if ('change' in outcome && outcome.change) this.#remember(outcome.change);
    return outcome;
  }

  /** Nothing is written. */
  #remember(change: MemoryChange): void {
    this.state = absorb(this.state, change.diff);
    this.tasks.push(...change.tasks);
    this.updateNews.push(...change.updateNews);
    this.wakeAtMs = nextWakeMs(this.state);
  }

  #absorb(change: RunChange): void {
    this.#remember(change);
    for (const { data } of change.batches) this.events.push(...(history.decode(data).events ?? []));
    this.outstanding = change.outstanding;
    const { summary } = this.state;
    assert(
      JSON.stringify(summary) === JSON.stringify(summarize(this.state)),
      'the summary must be what a look at everything finds',
    );
  }

  do<N extends CommandName>(name: N, command: CommandOf<N>): ReplyOf<N> {
    const outcome = this.ask(name, command);
    assert('reply' in outcome, `${name}: ${JSON.stringify(outcome)}`);
    return outcome.reply;
  }

  refusal<N extends CommandName>(name: N, command: CommandOf<N>): Refusal {
    const outcome = this.ask(name, command);
    assert(outcome.kind === 'refused', `${name} must be refused`);
    return outcome.refusal;
  }

  signal(): void {
    this.do('SignalWorkflow', { signalName: 'go', identity: 'client', requestId: '', endsBackoff: false });
  }

  /** A worker takes the pending workflow task. */
  takeWorkflowTask(): void {
    const task = must(this.state.info.workflowTask, 'there must be a workflow task');
    this.#held = this.do('StartWorkflowTask', {
      scheduledEventId: task.scheduledEventId,
      attempt: task.attempt,
      stamp: task.stamp,
      requestId: this.freshId(),
      identity: 'worker',
      polledQueue: 'tq',
      polledSticky: false,
    });
  }

  /** A worker takes the workflow task, unless it holds it already, and answers with these commands. */
  advance(...commands: readonly Command[]): ReplyOf<'CompleteWorkflowTask'> {
    return this.do('CompleteWorkflowTask', this.#completion(commands));
  }

  /** As `advance`, with commands that fail the task: what the worker reads. */
  advanceBadly(...commands: readonly Command[]): string {
    const outcome = this.ask('CompleteWorkflowTask', this.#completion(commands));
    assert(outcome.kind === 'committed', `the failure must be written: ${JSON.stringify(outcome)}`);
    return must(outcome.refusal, 'the commands must be bad').message;
  }

  #completion(commands: readonly Command[]): CommandOf<'CompleteWorkflowTask'> {
    if (!this.#held) this.takeWorkflowTask();
    const { scheduledEventId, startedEventId, startedMs, attempt, stamp } = must(this.#held, 'the task was just taken');
    this.#held = undefined;
    return {
      held: { scheduledEventId, startedEventId, startedMs, attempt, stamp },
      request: { identity: 'worker', commands },
    };
  }

  activity(activityId = 'a1'): ActivityInfo | undefined {
    return [...this.state.activities.values()].find((activity) => activity.activityId === activityId);
  }

  /** The last hand-over of the activity to matching. */
  dispatched(activityId = 'a1'): Extract<TaskDraft, { type: 'DispatchActivityTask' }> | undefined {
    const scheduledEventId = this.activity(activityId)?.scheduledEventId;
    return this.tasks.findLast(
      (task) => task.type === 'DispatchActivityTask' && task.scheduledEventId === scheduledEventId,
    ) as Extract<TaskDraft, { type: 'DispatchActivityTask' }> | undefined;
  }

  takeCommand(activityId = 'a1', identity = 'worker'): CommandOf<'StartActivityTask'> {
    const { scheduledEventId, attempt, stamp } = must(this.dispatched(activityId), 'it must have been dispatched');
    return { scheduledEventId, attempt, stamp, requestId: this.freshId(), identity };
  }

  /** A worker takes the activity. */
  take(activityId = 'a1'): HeldActivity {
    return heldBy(this.do('StartActivityTask', this.takeCommand(activityId)));
  }

  /** Time passes; whatever becomes due on the way happens when it is due. */
  pass(ms: number): void {
    const until = this.now + ms;
    while (this.wakeAtMs > 0 && this.wakeAtMs <= until) {
      this.now = Math.max(this.now, this.wakeAtMs);
      this.do('WakeUp', {});
    }
    this.now = until;
  }

  /** Names of the events from `firstEventId` on. */
  names(firstEventId = 1): readonly string[] {
    return this.events.slice(firstEventId - 1).map((event) => eventName(event.eventType) ?? 'unknown');
  }

  /** Attributes of the last event of that name. */
  last<N extends Parameters<typeof attributesOf>[0]>(name: N): ReturnType<typeof attributesOf<N>> {
    const event = this.events.findLast((candidate) => eventName(candidate.eventType) === name);
    return attributesOf(name, must(event, `there must be a ${name}`));
  }
}

export const heldBy = ({ scheduledEventId, attempt, startVersion }: StartedActivityTask): HeldActivity => ({
  by: 'token',
  scheduledEventId,
  attempt,
  startVersion,
});
export const byId = (activityId = 'a1'): HeldActivity => ({ by: 'id', activityId });
