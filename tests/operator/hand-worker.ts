import { randomUUID } from 'node:crypto';
import type { Connection } from '@temporalio/client';
import type { temporal } from '@duramesh/proto';

type Command = temporal.api.command.v1.ICommand;
type StartRequest = temporal.api.workflowservice.v1.IStartWorkflowExecutionRequest;
type WorkflowTask = temporal.api.workflowservice.v1.PollWorkflowTaskQueueResponse;
type ActivityTask = temporal.api.workflowservice.v1.PollActivityTaskQueueResponse;

const POLL_MS = 8_000;
export const namespace = 'default';
export const identity = 'hand-worker';

/** Clients and workers as RPCs, one at a time, so that a run stands still in whatever state a test wants. */
export class HandWorker {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get rpc(): Connection['workflowService'] {
    return this.#connection.workflowService;
  }

  /** @returns the id of a workflow whose task queue has the same name */
  async start(name: string, more: StartRequest = {}): Promise<string> {
    const workflowId = `${name}-${randomUUID()}`;
    await this.rpc.startWorkflowExecution({
      namespace,
      workflowId,
      requestId: randomUUID(),
      identity: 'client',
      workflowType: { name: 'by-hand' },
      taskQueue: { name: workflowId },
      ...more,
    });
    return workflowId;
  }

  pollWorkflow(queue: string): Promise<WorkflowTask> {
    const request = { namespace, taskQueue: { name: queue }, identity };
    return this.#connection.withDeadline(Date.now() + POLL_MS, () => this.rpc.pollWorkflowTaskQueue(request));
  }

  pollActivity(queue: string, maxTasksPerSecond?: number): Promise<ActivityTask> {
    const taskQueueMetadata =
      maxTasksPerSecond === undefined ? null : { maxTasksPerSecond: { value: maxTasksPerSecond } };
    const request = { namespace, taskQueue: { name: queue }, identity, taskQueueMetadata };
    return this.#connection.withDeadline(Date.now() + POLL_MS, () => this.rpc.pollActivityTaskQueue(request));
  }

  /** Takes the workflow task that waits and answers it. */
  async advance(queue: string, ...commands: readonly Command[]): Promise<void> {
    const { taskToken } = await this.pollWorkflow(queue);
    await this.rpc.respondWorkflowTaskCompleted({ namespace, identity, taskToken, commands: [...commands] });
  }

  /** A run whose first workflow task has asked for these. */
  async startWith(name: string, ...commands: readonly Command[]): Promise<string> {
    const workflowId = await this.start(name);
    await this.advance(workflowId, ...commands);
    return workflowId;
  }
}

export const seconds = (count: number) => ({ seconds: count as never });

export const timer = (timerId: string, count: number): Command => ({
  commandType: 3,
  startTimerCommandAttributes: { timerId, startToFireTimeout: seconds(count) },
});

export const activity = (queue: string, activityId = 'pay'): Command => ({
  commandType: 1,
  scheduleActivityTaskCommandAttributes: {
    activityId,
    activityType: { name: 'charge' },
    taskQueue: { name: queue },
    startToCloseTimeout: seconds(600),
    retryPolicy: { initialInterval: seconds(300) },
  },
});

export const child = (workflowId: string, queue: string): Command => ({
  commandType: 11,
  startChildWorkflowExecutionCommandAttributes: {
    workflowId,
    workflowType: { name: 'by-hand' },
    taskQueue: { name: queue },
  },
});
