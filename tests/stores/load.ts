import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Plain, temporal } from '@duramesh/proto';
import { Dice, seededRandom } from '@duramesh/runtime';
import { type ActivityTask, type Rpcs, type RpcName, statusOf, Wire, type WorkflowTask } from '../bench/wire.ts';
import { type Command, type Program, RawWorker } from '../bench/worker.ts';

type HistoryEvent = Plain<temporal.api.history.v1.IHistoryEvent>;

const NAMESPACE = 'default';
const CALL_TIMEOUT_MS = 5_000;
const PAUSE_AFTER_ERROR_MS = 100;
/** What an answer that was lost costs: the task comes again. */
const TASK_TIMEOUT = { seconds: 2, nanos: 0 };
/** gRPC: DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE. Anything else is no answer to an outage. */
const PASSING = new Set([4, 8, 14]);
const CLOSE_EVENTS_ONLY = 2;

const COMPLETED = 2;
const TASK_COMPLETED = 7;
const ACTIVITY_SCHEDULED = 10;
const ACTIVITY_COMPLETED = 12;
const SIGNALED = 26;

export interface LoadOptions {
  /** Where to ask; an address that does not answer is left for the next. */
  readonly addresses: readonly string[];
  readonly workflows: number;
  /** Signals to each workflow, and activities of it: one for each signal. */
  readonly signals: number;
  readonly seed: number;
  /** The longest pause before a signal. */
  readonly pauseMs: number;
  readonly withinMs: number;
  /** What the server has to say, for an operation that fails. */
  readonly log?: () => string;
}

const LOG_TOLD_CHARS = 4_000;

/** Everything the server has said yes to. */
interface Acknowledged {
  readonly starts: Map<string, string>;
  readonly signals: Set<string>;
  /** By workflow id and started event. */
  readonly workflowTasks: Set<string>;
  /** By workflow id and activity id. */
  readonly activities: Set<string>;
}

/** Open workflows with clients and workers around them, over raw gRPC, and a record of what was acknowledged. */
export class Load implements Disposable {
  readonly #options: LoadOptions;
  readonly #dice: Dice;
  readonly #wires: readonly Wire[];
  readonly #workers: readonly RawWorker[];
  readonly #batch = randomUUID();
  readonly #deadlineMs: number;
  readonly #known: Acknowledged = {
    starts: new Map(),
    signals: new Set(),
    workflowTasks: new Set(),
    activities: new Set(),
  };
  /** What was accepted a second time although it could happen once only. */
  readonly #doubled: string[] = [];
  readonly #lanes: Promise<unknown>;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#dice = new Dice(seededRandom(options.seed));
    this.#wires = options.addresses.map((address) => new Wire(address));
    this.#deadlineMs = performance.now() + options.withinMs;
    const program = this.#program();
    const taskQueue = this.#batch;
    this.#workers = options.addresses.map(
      (address) => new RawWorker({ address, namespace: NAMESPACE, taskQueue, pollers: 16, program, sticky: false }),
    );
    for (const worker of this.#workers) worker.start();
    const ids = Array.from({ length: options.workflows }, (_, i) => `${this.#batch}-${i}`);
    this.#lanes = Promise.all(ids.map((id, i) => this.#live(id, i)));
    this.#lanes.catch(() => undefined);
  }

  /** Acknowledged operations so far; all of them come to `total`. */
  get done(): number {
    const { starts, signals, workflowTasks, activities } = this.#known;
    return starts.size + signals.size + workflowTasks.size + activities.size;
  }

  /** At least so many operations are acknowledged until every workflow has ended. */
  get total(): number {
    const { workflows, signals } = this.#options;
    return workflows * (1 + 2 * signals);
  }

  /** Resolves when every workflow has ended. */
  async finished(): Promise<void> {
    await this.#lanes;
  }

  /** Compares every history with the record. @returns what was lost or doubled, in words */
  async check(): Promise<readonly string[]> {
    const broken = [...this.#doubled];
    for (const [workflowId, runId] of this.#known.starts) {
      const events = await this.#history(workflowId, runId);
      for (const text of this.#checkOne(workflowId, events)) broken.push(`${workflowId}: ${text}`);
    }
    const listed = await this.#listed();
    if (listed !== this.#options.workflows) broken.push(`lists show ${listed} of ${this.#options.workflows} workflows`);
    return broken;
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker.stop();
    for (const wire of this.#wires) wire.close();
  }

  async #live(workflowId: string, lane: number): Promise<void> {
    const { signals, pauseMs } = this.#options;
    const request = {
      namespace: NAMESPACE,
      workflowId,
      workflowType: { name: this.#batch },
      taskQueue: { name: this.#batch, kind: 1 },
      workflowTaskTimeout: TASK_TIMEOUT,
      identity: 'load',
      requestId: randomUUID(),
    };
    const { runId } = await this.#ask('StartWorkflowExecution', request, lane);
    this.#known.starts.set(workflowId, runId ?? '');
    for (let i = 0; i < signals; i++) {
      await pause(this.#dice.below(pauseMs));
      const requestId = `${workflowId}/${i}`;
      const workflowExecution = { workflowId, runId };
      const signal = { namespace: NAMESPACE, workflowExecution, signalName: requestId, identity: 'load', requestId };
      await this.#ask('SignalWorkflowExecution', signal, lane);
      this.#known.signals.add(requestId);
    }
    let nextPageToken: Uint8Array | undefined;
    for (;;) {
      const answer: Rpcs['GetWorkflowExecutionHistory'][1] = await this.#ask(
        'GetWorkflowExecutionHistory',
        {
          namespace: NAMESPACE,
          execution: { workflowId, runId },
          waitNewEvent: true,
          historyEventFilterType: CLOSE_EVENTS_ONLY,
          nextPageToken: nextPageToken ?? new Uint8Array(),
        },
        lane,
      );
      if (answer.history?.events?.length) return;
      nextPageToken = answer.nextPageToken;
    }
  }

  /** Asks one address after the other until one answers. */
  async #ask<R extends RpcName>(rpc: R, request: Rpcs[R][0], lane: number): Promise<Rpcs[R][1]> {
    for (let attempt = lane; ; attempt++) {
      const wire = this.#wires[attempt % this.#wires.length];
      if (wire === undefined) throw new Error('no address was given');
      try {
        return await wire.call(rpc, request, CALL_TIMEOUT_MS);
      } catch (error) {
        const isPassing = PASSING.has(statusOf(error) ?? -1);
        if (!isPassing || performance.now() > this.#deadlineMs) {
          const log = this.#options.log?.().slice(-LOG_TOLD_CHARS) ?? '';
          throw new Error(`${rpc} failed\n${log}`, { cause: error });
        }
      }
      await pause(PAUSE_AFTER_ERROR_MS);
    }
  }

  /** Decides by the whole history alone: one activity for each signal, and the end after the last. */
  #program(): Program {
    const { signals } = this.#options;
    return {
      decide: (task) => decide(task, { signals, taskQueue: this.#batch }),
      decided: ({ workflowExecution, startedEventId }) =>
        this.#once(this.#known.workflowTasks, `${workflowExecution?.workflowId}/${startedEventId}`),
      activityDone: ({ workflowExecution, activityId }: ActivityTask) =>
        this.#once(this.#known.activities, `${workflowExecution?.workflowId}/${activityId}`),
    };
  }

  #once(known: Set<string>, name: string): void {
    if (known.has(name)) this.#doubled.push(`${name} was taken twice`);
    known.add(name);
  }

  async #history(workflowId: string, runId: string): Promise<readonly HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    let nextPageToken: Uint8Array | undefined = new Uint8Array();
    do {
      const request = { namespace: NAMESPACE, execution: { workflowId, runId }, nextPageToken };
      const answer: Rpcs['GetWorkflowExecutionHistory'][1] = await this.#ask('GetWorkflowExecutionHistory', request, 0);
      events.push(...(answer.history?.events ?? []));
      nextPageToken = answer.nextPageToken;
    } while (nextPageToken?.length);
    return events;
  }

  async #listed(): Promise<number> {
    const query = `WorkflowType = '${this.#batch}' AND ExecutionStatus = 'Completed'`;
    const request = { namespace: NAMESPACE, query, pageSize: 1_000 };
    return (await this.#ask('ListWorkflowExecutions', request, 0)).executions?.length ?? 0;
  }

  #checkOne(workflowId: string, events: readonly HistoryEvent[]): readonly string[] {
    const { signals } = this.#options;
    const broken: string[] = [];
    events.forEach(({ eventId }, i) => {
      if (eventId !== i + 1) broken.push(`event ${eventId} stands at place ${i + 1}`);
    });
    const told = (type: number, nameOf: (event: HistoryEvent) => string, wanted: number): ReadonlySet<string> => {
      const names = events.filter(({ eventType }) => eventType === type).map(nameOf);
      const distinct = new Set(names);
      if (distinct.size !== names.length || distinct.size !== wanted) {
        broken.push(`${names.length} events of type ${type}, ${distinct.size} of them distinct, instead of ${wanted}`);
      }
      return distinct;
    };
    told(SIGNALED, (event) => event.workflowExecutionSignaledEventAttributes?.requestId ?? '', signals);
    const scheduled = new Map(events.map(({ eventId, ...event }) => [eventId, activityIdOf(event)]));
    told(ACTIVITY_SCHEDULED, activityIdOf, signals);
    told(ACTIVITY_COMPLETED, (event) => scheduled.get(scheduledBy(event)) ?? '', signals);
    const tasks = new Set(events.map((event) => `${workflowId}/${startedBy(event)}`));
    for (const task of this.#known.workflowTasks) {
      if (task.startsWith(`${workflowId}/`) && !tasks.has(task)) broken.push(`workflow task ${task} is lost`);
    }
    if (events.at(-1)?.eventType !== COMPLETED) broken.push(`it ends with event type ${events.at(-1)?.eventType}`);
    return broken;
  }
}

const activityIdOf = (event: HistoryEvent): string => event.activityTaskScheduledEventAttributes?.activityId ?? '';
const scheduledBy = (event: HistoryEvent): number =>
  Number(event.activityTaskCompletedEventAttributes?.scheduledEventId ?? 0);
const startedBy = (event: HistoryEvent): number | undefined =>
  event.eventType === TASK_COMPLETED
    ? Number(event.workflowTaskCompletedEventAttributes?.startedEventId ?? 0)
    : undefined;

function decide(
  { history }: WorkflowTask,
  { signals, taskQueue }: { readonly signals: number; readonly taskQueue: string },
): readonly Command[] {
  const events = history?.events ?? [];
  const ended = events.filter(({ eventType }) => eventType === ACTIVITY_COMPLETED).length;
  if (ended >= signals) return [{ commandType: 4, completeWorkflowExecutionCommandAttributes: {} }];
  const scheduled = new Set(events.map(activityIdOf));
  return events
    .flatMap((event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? [])
    .filter((name) => !scheduled.has(name))
    .map((activityId) => ({
      commandType: 1,
      scheduleActivityTaskCommandAttributes: {
        activityId,
        activityType: { name: 'work' },
        taskQueue: { name: taskQueue, kind: 1 },
        startToCloseTimeout: TASK_TIMEOUT,
      },
    }));
}
