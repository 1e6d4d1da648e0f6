import { randomUUID } from 'node:crypto';
import type { Plain, temporal } from '@duramesh/proto';
import { type ActivityTask, statusOf, Wire, type WorkflowTask } from './wire.ts';

const POLL_TIMEOUT_MS = 70_000;
const CALL_TIMEOUT_MS = 10_000;
const STICKY_TIMEOUT_MS = 10_000;
/** As the TypeScript SDK shares its workflow pollers between the two queues. */
const NORMAL_SHARE = 0.2;
const PAUSE_AFTER_ERROR_MS = 100;
/** UNAVAILABLE, NOT_FOUND (somebody was faster, or the run is gone), CANCELLED, DEADLINE_EXCEEDED. */
const NOT_FOUND = 5;

export type Command = Plain<temporal.api.command.v1.ICommand>;

/** What a worker does with its tasks. */
export interface Program {
  /** Decides about a workflow task from the events it brings. */
  decide(task: WorkflowTask): readonly Command[];
  /** The answer to a workflow task was taken. */
  decided(task: WorkflowTask): void;
  /** The answer to an activity task was taken. */
  activityDone(task: ActivityTask): void;
}

export interface WorkerOptions {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Of each kind. */
  readonly pollers: number;
  readonly program: Program;
  /** false asks for the whole history with each workflow task. */
  readonly sticky?: boolean;
}

/** A worker as an SDK is one: a sticky queue of its own, pollers that poll again before the task is done. */
export class RawWorker {
  readonly #options: WorkerOptions;
  readonly #wire: Wire;
  readonly #identity = `bench@${randomUUID()}`;
  readonly #stickyQueue: string;
  #stopped = false;
  /** Errors of calls that should have succeeded, by status. */
  readonly errors = new Map<string, number>();

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#wire = new Wire(options.address);
    this.#stickyQueue = `${options.taskQueue}-sticky-${randomUUID()}`;
  }

  get #isSticky(): boolean {
    return this.#options.sticky ?? true;
  }

  start(): void {
    const { pollers } = this.#options;
    const normal = this.#isSticky ? Math.max(1, Math.round(pollers * NORMAL_SHARE)) : pollers;
    const sticky = this.#isSticky ? Math.max(1, pollers - normal) : 0;
    for (let i = 0; i < normal; i++) void this.#poll(() => this.#pollWorkflow(false));
    for (let i = 0; i < sticky; i++) void this.#poll(() => this.#pollWorkflow(true));
    for (let i = 0; i < pollers; i++) void this.#poll(() => this.#pollActivity());
  }

  stop(): void {
    this.#stopped = true;
    this.#wire.close();
  }

  async #poll(once: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      try {
        await once();
      } catch (error) {
        if (this.#stopped) return;
        this.#note('poll', error);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_AFTER_ERROR_MS));
      }
    }
  }

  async #pollWorkflow(sticky: boolean): Promise<void> {
    const { namespace, taskQueue } = this.#options;
    const queue = sticky ? { name: this.#stickyQueue, kind: 2, normalName: taskQueue } : { name: taskQueue, kind: 1 };
    const request = { namespace, taskQueue: queue, identity: this.#identity };
    const task = await this.#wire.call('PollWorkflowTaskQueue', request, POLL_TIMEOUT_MS);
    if (task.taskToken?.length) void this.#answerWorkflowTask(task);
  }

  async #answerWorkflowTask(task: WorkflowTask): Promise<void> {
    const { namespace, program } = this.#options;
    try {
      await this.#wire.call(
        'RespondWorkflowTaskCompleted',
        {
          namespace,
          taskToken: task.taskToken,
          identity: this.#identity,
          commands: program.decide(task),
          ...(this.#isSticky && { stickyAttributes: this.#stickyAttributes() }),
        },
        CALL_TIMEOUT_MS,
      );
      program.decided(task);
    } catch (error) {
      this.#note('RespondWorkflowTaskCompleted', error);
    }
  }

  #stickyAttributes(): object {
    return {
      workerTaskQueue: { name: this.#stickyQueue, kind: 2, normalName: this.#options.taskQueue },
      scheduleToStartTimeout: { seconds: STICKY_TIMEOUT_MS / 1000, nanos: 0 },
    };
  }

  async #pollActivity(): Promise<void> {
    const { namespace, taskQueue } = this.#options;
    const request = { namespace, taskQueue: { name: taskQueue, kind: 1 }, identity: this.#identity };
    const task = await this.#wire.call('PollActivityTaskQueue', request, POLL_TIMEOUT_MS);
    if (task.taskToken?.length) void this.#answerActivityTask(task);
  }

  async #answerActivityTask(task: ActivityTask): Promise<void> {
    const { namespace, program } = this.#options;
    const { taskToken, input } = task;
    try {
      const request = { namespace, taskToken, identity: this.#identity, result: input };
      await this.#wire.call('RespondActivityTaskCompleted', request, CALL_TIMEOUT_MS);
      program.activityDone(task);
    } catch (error) {
      this.#note('RespondActivityTaskCompleted', error);
    }
  }

  /** A task that another attempt has overtaken is answered by NOT_FOUND: no error of the server. */
  #note(what: string, error: unknown): void {
    if (this.#stopped) return;
    const status = statusOf(error);
    if (status === NOT_FOUND) return;
    const key = `${what}: ${status ?? ''} ${error instanceof Error ? error.message : String(error)}`;
    this.errors.set(key, (this.errors.get(key) ?? 0) + 1);
  }
}
