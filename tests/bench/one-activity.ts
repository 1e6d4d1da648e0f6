import { randomUUID } from 'node:crypto';
import type { Plain, temporal } from '@duramesh/proto';
import type { Scenario, ScenarioOptions } from './scenario.ts';
import { type ActivityTask, Wire, type WorkflowTask } from './wire.ts';
import type { Command, Program } from './worker.ts';

const ACTIVITY_TASK_COMPLETED = 12;
const CLOSE_EVENTS_ONLY = 2;
const WORKFLOW_EXECUTION_COMPLETED = 2;
const CALL_TIMEOUT_MS = 20_000;

const input: Plain<temporal.api.common.v1.IPayloads> = {
  payloads: [
    {
      metadata: { encoding: Buffer.from('json/plain') },
      data: Buffer.from(JSON.stringify({ order: 4711, customer: 'somebody', amount: 12.5 })),
    },
  ],
};

function schedule(taskQueue: string): Command {
  return {
    commandType: 1,
    scheduleActivityTaskCommandAttributes: {
      activityId: '1',
      activityType: { name: 'charge' },
      taskQueue: { name: taskQueue, kind: 1 },
      input,
      startToCloseTimeout: { seconds: 30, nanos: 0 },
    },
  };
}

const complete: Command = { commandType: 4, completeWorkflowExecutionCommandAttributes: { result: input } };

class OneActivityProgram implements Program {
  readonly #schedule: readonly Command[];
  readonly #closings = new Map<string, number>();
  readonly #activities = new Map<string, number>();

  constructor(taskQueue: string) {
    this.#schedule = [schedule(taskQueue)];
  }

  decide(task: WorkflowTask): readonly Command[] {
    return isLast(task) ? [complete] : this.#schedule;
  }

  decided(task: WorkflowTask): void {
    if (isLast(task)) count(this.#closings, task.workflowExecution?.workflowId);
  }

  activityDone(task: ActivityTask): void {
    count(this.#activities, task.workflowExecution?.workflowId);
  }

  /** Workflows whose end, or whose activity, was accepted more than once. */
  doubled(): number {
    const ids = new Set<string>();
    for (const accepted of [this.#closings, this.#activities]) {
      for (const [id, times] of accepted) if (times > 1) ids.add(id);
    }
    return ids.size;
  }
}

const isLast = (task: WorkflowTask): boolean =>
  task.history?.events?.some(({ eventType }) => eventType === ACTIVITY_TASK_COMPLETED) === true;

function count(counts: Map<string, number>, key = ''): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** start → workflow task → activity → workflow task → end, the result waited for by a long poll for the closing event. */
export function oneActivity({ address, namespace, taskQueue }: ScenarioOptions): Scenario {
  const wire = new Wire(address);
  const program = new OneActivityProgram(taskQueue);
  return {
    program,
    doubled: () => program.doubled(),
    close: () => wire.close(),
    async run(deadlineMs: number): Promise<void> {
      const workflowId = randomUUID();
      const { runId } = await wire.call(
        'StartWorkflowExecution',
        {
          namespace,
          workflowId,
          workflowType: { name: 'one-activity' },
          taskQueue: { name: taskQueue, kind: 1 },
          input,
          identity: 'bench',
          requestId: randomUUID(),
        },
        CALL_TIMEOUT_MS,
      );
      const request = {
        namespace,
        execution: { workflowId, runId },
        waitNewEvent: true,
        historyEventFilterType: CLOSE_EVENTS_ONLY,
      };
      let nextPageToken: Uint8Array | undefined = new Uint8Array();
      for (;;) {
        const left = deadlineMs - performance.now();
        if (left <= 0) throw new Error(`${workflowId} did not close in time`);
        const answer: Plain<temporal.api.workflowservice.v1.IGetWorkflowExecutionHistoryResponse> = await wire.call(
          'GetWorkflowExecutionHistory',
          { ...request, nextPageToken },
          left,
        );
        const last = answer.history?.events?.at(-1);
        if (last !== undefined) return mustBeCompleted(workflowId, last.eventType);
        nextPageToken = answer.nextPageToken;
      }
    },
  };
}

function mustBeCompleted(workflowId: string, eventType: number | undefined): void {
  if (eventType !== WORKFLOW_EXECUTION_COMPLETED) throw new Error(`${workflowId} closed by event type ${eventType}`);
}
