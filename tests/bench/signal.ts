import { randomUUID } from 'node:crypto';
import type { Scenario, ScenarioOptions } from './scenario.ts';
import { Wire, type WorkflowTask } from './wire.ts';
import type { Command, Program } from './worker.ts';

const WORKFLOW_EXECUTION_SIGNALED = 26;
const CALL_TIMEOUT_MS = 20_000;
/** A new workflow after so many signals, so that histories stay as long as they are in real life. */
const SIGNALS_PER_WORKFLOW = 500;
const COMPLETE: readonly Command[] = [{ commandType: 4, completeWorkflowExecutionCommandAttributes: {} }];
const LAST = 'last';

interface Waiting {
  readonly resolve: () => void;
}

class SignalProgram implements Program {
  readonly #waiting = new Map<string, Waiting>();
  readonly #seen = new Map<string, number>();

  /** Resolves when the answer to the workflow task that brought the signal was taken. */
  seen(signalName: string, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(signalName);
        reject(new Error(`signal ${signalName} did not reach its workflow in time`));
      }, timeoutMs);
      this.#waiting.set(signalName, {
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
      });
    });
  }

  decide(task: WorkflowTask): readonly Command[] {
    return signalsOf(task).some((name) => name.startsWith(LAST)) ? COMPLETE : [];
  }

  decided(task: WorkflowTask): void {
    for (const name of signalsOf(task)) {
      this.#seen.set(name, (this.#seen.get(name) ?? 0) + 1);
      this.#waiting.get(name)?.resolve();
      this.#waiting.delete(name);
    }
  }

  activityDone(): void {}

  doubled(): number {
    return [...this.#seen.values()].filter((times) => times > 1).length;
  }
}

/** Events that an earlier task has brought are brought again only to a worker that has lost them. */
function signalsOf(task: WorkflowTask): readonly string[] {
  const previous = task.previousStartedEventId ?? 0;
  return (task.history?.events ?? [])
    .filter(({ eventType, eventId = 0 }) => eventType === WORKFLOW_EXECUTION_SIGNALED && eventId > previous)
    .map((event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? '');
}

/** A signal to a running workflow, until the workflow task it causes is answered. */
export function signal({ address, namespace, taskQueue }: ScenarioOptions): Scenario {
  const wire = new Wire(address);
  const program = new SignalProgram();
  const lanes = new Map<number, { readonly workflowId: string; signals: number }>();

  async function start(lane: number): Promise<{ readonly workflowId: string; signals: number }> {
    const workflowId = randomUUID();
    const request = {
      namespace,
      workflowId,
      workflowType: { name: 'signal' },
      taskQueue: { name: taskQueue, kind: 1 },
      identity: 'bench',
      requestId: randomUUID(),
    };
    await wire.call('StartWorkflowExecution', request, CALL_TIMEOUT_MS);
    const started = { workflowId, signals: 0 };
    lanes.set(lane, started);
    return started;
  }

  return {
    program,
    doubled: () => program.doubled(),
    async run(deadlineMs, lane) {
      const workflow = lanes.get(lane) ?? (await start(lane));
      workflow.signals++;
      const isLast = workflow.signals === SIGNALS_PER_WORKFLOW;
      if (isLast) lanes.delete(lane);
      const signalName = `${isLast ? LAST : 'next'}-${randomUUID()}`;
      const seen = program.seen(signalName, deadlineMs - performance.now());
      const request = {
        namespace,
        workflowExecution: { workflowId: workflow.workflowId },
        signalName,
        identity: 'bench',
        requestId: randomUUID(),
      };
      const [sent] = await Promise.allSettled([wire.call('SignalWorkflowExecution', request, CALL_TIMEOUT_MS), seen]);
      if (sent.status === 'rejected') throw sent.reason;
      await seen;
    },
    async close() {
      const ends = [...lanes.values()].map(({ workflowId }) =>
        wire.call('TerminateWorkflowExecution', { namespace, workflowExecution: { workflowId } }, CALL_TIMEOUT_MS),
      );
      await Promise.allSettled(ends);
      wire.close();
    },
  };
}
