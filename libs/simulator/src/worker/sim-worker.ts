import { ServiceError } from '@duramesh/contracts';
import { fromTimestamp, type HistoryEvent } from '@duramesh/engine';
import { type Plain, type temporal, WorkflowTaskToken } from '@duramesh/proto';
import { toPayloads } from '../payloads.ts';
import { ConnectionLost } from '../process.ts';
import { answerQuery } from '../script/answer-query.ts';
import { decide } from '../script/script.ts';
import { stepOf } from '../script/tell.ts';
import { answerUpdates } from '../script/update-answers.ts';
import { ActivityWorker } from './activity-worker.ts';
import { type Call, callOf, NAMESPACE, NORMAL, POLL_MS, vanishes, type WorkerSurroundings } from './worker-caller.ts';

type WorkflowTask = Plain<temporal.api.workflowservice.v1.IPollWorkflowTaskQueueResponse>;
type QueryResults = Record<string, Plain<temporal.api.query.v1.IWorkflowQueryResult>>;

const STICKY = 2;
const NONDETERMINISM = 24;
/** temporal.api.enums.v1.QueryResultType */
const ANSWERED = 1;

/** A worker as an SDK would run it: polls, replays, answers, and now and then goes away in the middle. */
export class SimWorker {
  readonly #world: WorkerSurroundings;
  readonly #identity: string;
  readonly #call: Call;
  readonly #activities: ActivityWorker;
  #stickyQueue: string;
  #lives = 0;
  readonly #histories = new Map<string, readonly HistoryEvent[]>();
  #stopped = false;

  constructor(index: number, world: WorkerSurroundings) {
    this.#world = world;
    this.#identity = `worker-${index}`;
    this.#stickyQueue = `${world.taskQueue}-sticky-${index}`;
    this.#call = callOf(world);
    this.#activities = new ActivityWorker(this.#identity, world);
  }

  start(): void {
    const { taskQueue } = this.#world;
    void this.#loop(() => this.#pollWorkflow({ name: taskQueue, kind: NORMAL }));
    void this.#loop(() => this.#pollWorkflow({ name: this.#stickyQueue, kind: STICKY, normalName: taskQueue }));
    void this.#loop(() => this.#activities.poll());
    void this.#loop(() => this.#activities.poll());
  }

  stop(): void {
    this.#stopped = true;
  }

  async #loop(once: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      try {
        await once();
      } catch (error) {
        if (!(error instanceof ServiceError) && !(error instanceof ConnectionLost)) {
          this.#world.ledger.violation(`a worker was thrown ${String(error)}`);
        }
        await this.#world.clock.sleep(this.#world.dice.between(50, 500));
      }
    }
  }

  async #pollWorkflow(taskQueue: { name: string; kind: number; normalName?: string }): Promise<void> {
    const request = { namespace: NAMESPACE, taskQueue, identity: this.#identity };
    const task = await this.#call('PollWorkflowTaskQueue', request, POLL_MS);
    if (!task.taskToken?.length) return;
    if (task.query) return this.#answerQuery(task);
    const runId = task.workflowExecution?.runId ?? '';
    this.#checkGiven(task, task.taskToken, runId);
    if (vanishes(this.#world)) return void this.#histories.delete(runId);
    const events = await this.#historyOf(task, runId);
    await this.#answer(task, runId, events);
    await this.#perhapsLeave(task);
  }

  #checkGiven(task: WorkflowTask, taskToken: Uint8Array, runId: string): void {
    const { ledger } = this.#world;
    // A task that is made for updates may be forgotten, and another one takes its place in history, perhaps at once.
    const { startedTimeMs, stamp } = WorkflowTaskToken.decode(taskToken);
    const again = task.messages?.length ? `/${startedTimeMs}/${stamp}` : '';
    const given = `${runId}/${task.startedEventId}/${task.attempt}${again}`;
    if (ledger.tasksGiven.includes(given)) ledger.violation(`task ${given} given twice`);
    ledger.tasksGiven.push(given);
    ledger.checkNotHeld({ runId, activityId: undefined }, fromTimestamp(task.startedTime));
  }

  /** A question that starts no task. Whoever knows the workflow from before is sent nothing of it. */
  async #answerQuery(task: WorkflowTask): Promise<void> {
    const { taskToken, previousStartedEventId = 0 } = task;
    const runId = task.workflowExecution?.runId ?? '';
    if (vanishes(this.#world)) return void this.#histories.delete(runId);
    const sent = task.history?.events ?? [];
    const known = this.#histories.get(runId) ?? [];
    const isKnown = sent.length === 0 && known.length >= previousStartedEventId;
    let events = sent;
    if (isKnown) events = known.slice(0, previousStartedEventId);
    else if (sent.length === 0) events = await this.#readHistory(task);
    const queryResult = toPayloads(answerQuery(runId, events));
    await this.#call('RespondQueryTaskCompleted', {
      namespace: NAMESPACE,
      taskToken,
      completedType: ANSWERED,
      queryResult,
    });
  }

  /** Lets the workflow go, or goes away altogether: another worker takes over, with a sticky queue of its own. */
  async #perhapsLeave({ workflowExecution: execution }: WorkflowTask): Promise<void> {
    const { dice, manners, taskQueue } = this.#world;
    if (dice.happens(manners.evict)) {
      this.#histories.delete(execution?.runId ?? '');
      await this.#call('ResetStickyTaskQueue', { namespace: NAMESPACE, execution });
    }
    if (!dice.happens(manners.leave)) return;
    const stickyTaskQueue = this.#stickyQueue;
    this.#histories.clear();
    this.#stickyQueue = `${taskQueue}-sticky-${this.#identity}-${++this.#lives}`;
    await this.#call('ShutdownWorker', { namespace: NAMESPACE, stickyTaskQueue, taskQueue, identity: this.#identity });
  }

  async #historyOf(task: WorkflowTask, runId: string): Promise<readonly HistoryEvent[]> {
    const sent = task.history?.events ?? [];
    const known = this.#histories.get(runId) ?? [];
    const first = sent[0]?.eventId ?? 1;
    let events: readonly HistoryEvent[];
    if (first === 1) events = sent;
    else if (known.length >= first - 1) events = [...known.slice(0, first - 1), ...sent];
    // The last events of a speculative task are told with it only.
    else events = [...(await this.#readHistory(task)).slice(0, first - 1), ...sent];
    this.#check(task, runId, events);
    this.#histories.set(runId, events);
    return events;
  }

  async #readHistory({ workflowExecution: execution }: WorkflowTask): Promise<readonly HistoryEvent[]> {
    const response = await this.#call('GetWorkflowExecutionHistory', { namespace: NAMESPACE, execution });
    return response.history?.events ?? [];
  }

  #check(task: WorkflowTask, runId: string, events: readonly HistoryEvent[]): void {
    const { ledger } = this.#world;
    events.forEach((event, i) => {
      if (event.eventId !== i + 1) ledger.violation(`run ${runId}: event ${event.eventId} at place ${i + 1}`);
    });
    if (events.at(-1)?.eventId !== task.startedEventId) {
      ledger.violation(`run ${runId}: a task started by ${task.startedEventId} ends with ${events.at(-1)?.eventId}`);
    }
  }

  async #answer(task: WorkflowTask, runId: string, events: readonly HistoryEvent[]): Promise<void> {
    const { dice, ledger, mix } = this.#world;
    const base = { namespace: NAMESPACE, taskToken: task.taskToken, identity: this.#identity };
    if (dice.happens(0.05)) {
      this.#histories.delete(runId);
      await this.#call('RespondWorkflowTaskFailed', { ...base, cause: NONDETERMINISM });
      return;
    }
    const workerTaskQueue = { name: this.#stickyQueue, kind: STICKY, normalName: this.#world.taskQueue };
    const isSticky = dice.happens(0.6);
    if (!isSticky) this.#histories.delete(runId);
    const stickyAttributes = isSticky ? { workerTaskQueue, scheduleToStartTimeout: { seconds: 5 } } : undefined;
    const said = answerUpdates(task.messages ?? [], events);
    const commands = [...said.commands, ...decide(events)];
    const queryResults = this.#queryResults(task, runId, events);
    const answer = { ...base, commands, messages: said.messages, stickyAttributes, queryResults };
    const { resetHistoryEventId = 0 } = await this.#call('RespondWorkflowTaskCompleted', answer);
    if (resetHistoryEventId !== 0) return this.#goBack(runId, resetHistoryEventId);
    ledger.taskCompletions.push({ runId, startedEventId: task.startedEventId ?? 0 });
    for (const { commandType = 0 } of commands) mix.commands.add(commandType);
    ledger.steps.set(runId, Math.max(stepOf(commands), ledger.steps.get(runId) ?? 0));
  }

  #queryResults({ queries = {} }: WorkflowTask, runId: string, events: readonly HistoryEvent[]): QueryResults {
    const result = { resultType: ANSWERED, answer: toPayloads(answerQuery(runId, events)) };
    return Object.fromEntries(Object.keys(queries ?? {}).map((id) => [id, result]));
  }

  /** The task has never been. */
  #goBack(runId: string, eventId: number): void {
    const events = this.#histories.get(runId);
    if (events) this.#histories.set(runId, events.slice(0, eventId));
  }
}
