import { ServiceError } from '@duramesh/contracts';
import type { HistoryEvent } from '@duramesh/engine';
import { ActivityTaskToken, type Plain, type temporal, WorkflowTaskToken } from '@duramesh/proto';
import type { Clock } from '@duramesh/runtime';
import type { RpcName, RpcRequest, RpcResponse } from '@duramesh/frontend';
import type { Dice } from './dice.ts';
import type { Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';
import { ConnectionLost, type SimProcess } from './process.ts';
import { decide, toPayloads } from './script.ts';
import { answerUpdates } from './update-script.ts';

type WorkflowTask = Plain<temporal.api.workflowservice.v1.IPollWorkflowTaskQueueResponse>;
type ActivityTask = Plain<temporal.api.workflowservice.v1.IPollActivityTaskQueueResponse>;

const NAMESPACE = 'default';
const NORMAL = 1;
const STICKY = 2;
const POLL_MS = 12_000;
const CALL_MS = 8_000;
const NONDETERMINISM = 24;

export interface WorkerSurroundings {
  readonly clock: Clock;
  readonly dice: Dice;
  readonly faults: Faults;
  readonly ledger: Ledger;
  readonly frontends: readonly SimProcess[];
  readonly taskQueue: string;
}

/** A worker as an SDK would run it: polls, replays, answers, and now and then goes away in the middle. */
export class SimWorker {
  readonly #world: WorkerSurroundings;
  readonly #identity: string;
  readonly #stickyQueue: string;
  readonly #histories = new Map<string, readonly HistoryEvent[]>();
  #stopped = false;

  constructor(index: number, world: WorkerSurroundings) {
    this.#world = world;
    this.#identity = `worker-${index}`;
    this.#stickyQueue = `${world.taskQueue}-sticky-${index}`;
  }

  start(): void {
    const { taskQueue } = this.#world;
    const sticky = { name: this.#stickyQueue, kind: STICKY, normalName: taskQueue };
    void this.#loop(() => this.#pollWorkflow({ name: taskQueue, kind: NORMAL }));
    void this.#loop(() => this.#pollWorkflow(sticky));
    void this.#loop(() => this.#pollActivity());
    void this.#loop(() => this.#pollActivity());
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

  #call<N extends RpcName>(name: N, request: RpcRequest<N>, timeoutMs = CALL_MS): Promise<RpcResponse<N>> {
    return this.#world.dice.pick(this.#world.frontends).call(name, request, timeoutMs);
  }

  /** The process disappears for a while: what it holds is not answered. */
  #vanishes(): boolean {
    return this.#world.dice.happens(this.#world.faults.rates.vanish);
  }

  async #pollWorkflow(taskQueue: { name: string; kind: number; normalName?: string }): Promise<void> {
    const request = { namespace: NAMESPACE, taskQueue, identity: this.#identity };
    const task = await this.#call('PollWorkflowTaskQueue', request, POLL_MS);
    if (!task.taskToken?.length) return;
    const runId = task.workflowExecution?.runId ?? '';
    // A task that is made for updates may be forgotten, and another one takes its place in history, perhaps at once.
    const { startedTimeMs, stamp } = WorkflowTaskToken.decode(task.taskToken);
    const again = task.messages?.length ? `/${startedTimeMs}/${stamp}` : '';
    const given = `${runId}/${task.startedEventId}/${task.attempt}${again}`;
    if (this.#world.ledger.tasksGiven.includes(given)) this.#world.ledger.violation(`task ${given} given twice`);
    this.#world.ledger.tasksGiven.push(given);
    if (this.#vanishes()) return void this.#histories.delete(runId);
    const events = await this.#historyOf(task, runId);
    await this.#answer(task, runId, events);
  }

  async #historyOf(task: WorkflowTask, runId: string): Promise<readonly HistoryEvent[]> {
    const sent = task.history?.events ?? [];
    const known = this.#histories.get(runId) ?? [];
    const first = sent[0]?.eventId ?? 1;
    let events: readonly HistoryEvent[];
    if (first === 1) events = sent;
    else if (known.length >= first - 1) events = [...known.slice(0, first - 1), ...sent];
    else events = await this.#wholeHistory(task);
    this.#check(task, runId, events);
    this.#histories.set(runId, events);
    return events;
  }

  async #wholeHistory(task: WorkflowTask): Promise<readonly HistoryEvent[]> {
    const execution = task.workflowExecution;
    const response = await this.#call('GetWorkflowExecutionHistory', { namespace: NAMESPACE, execution });
    // What came after the task was started is for the next one.
    return (response.history?.events ?? []).filter((event) => (event.eventId ?? 0) <= (task.startedEventId ?? 0));
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
    const { dice, ledger } = this.#world;
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
    const answer = { ...base, commands, messages: said.messages, stickyAttributes };
    const { resetHistoryEventId = 0 } = await this.#call('RespondWorkflowTaskCompleted', answer);
    if (resetHistoryEventId === 0) ledger.taskCompletions.push(`${runId}/${task.startedEventId}`);
    else this.#goBack(runId, resetHistoryEventId);
  }

  /** The task has never been. */
  #goBack(runId: string, eventId: number): void {
    const events = this.#histories.get(runId);
    if (events) this.#histories.set(runId, events.slice(0, eventId));
  }

  async #pollActivity(): Promise<void> {
    const taskQueue = { name: this.#world.taskQueue, kind: NORMAL };
    const request = { namespace: NAMESPACE, taskQueue, identity: this.#identity };
    const task = await this.#call('PollActivityTaskQueue', request, POLL_MS);
    if (!task.taskToken?.length || this.#vanishes()) return;
    await this.#world.clock.sleep(this.#world.dice.below(1_500));
    if (this.#world.dice.happens(0.2)) await this.#heartbeat(task);
    await this.#answerActivity(task);
  }

  async #heartbeat({ taskToken }: ActivityTask): Promise<void> {
    await this.#call('RecordActivityTaskHeartbeat', { namespace: NAMESPACE, taskToken, details: toPayloads('alive') });
  }

  async #answerActivity(task: ActivityTask): Promise<void> {
    const { dice, ledger } = this.#world;
    const base = { namespace: NAMESPACE, taskToken: task.taskToken, identity: this.#identity };
    if (dice.happens(0.15)) {
      const failure = { message: 'not this time', applicationFailureInfo: { type: 'Chance' } };
      await this.#call('RespondActivityTaskFailed', { ...base, failure });
      return;
    }
    await this.#call('RespondActivityTaskCompleted', { ...base, result: toPayloads('ok') });
    const { runId, scheduledEventId } = ActivityTaskToken.decode(task.taskToken ?? new Uint8Array());
    ledger.activityCompletions.push(`${runId}/${scheduledEventId}`);
  }
}
