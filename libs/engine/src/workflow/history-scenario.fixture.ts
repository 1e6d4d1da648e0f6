import type { Plain, temporal } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import { ActivityScenario, completeWorkflow, payloads } from './activity-scenario.fixture.ts';
import type { HeldWorkflowTask, ReplyOf } from './commands.ts';
import { eventName } from './events.ts';
import type { Outcome } from './transition.ts';

type Command = Plain<temporal.api.command.v1.ICommand>;
type CompletedRequest = Plain<temporal.api.workflowservice.v1.IRespondWorkflowTaskCompletedRequest>;

/** How histories are written down for people. */
const SHORT: Readonly<Record<string, string>> = {
  WorkflowExecutionStarted: 'St',
  WorkflowTaskScheduled: 'S',
  WorkflowTaskStarted: 'B',
  WorkflowTaskCompleted: 'C',
  WorkflowTaskFailed: 'F',
  WorkflowTaskTimedOut: 'T',
  WorkflowExecutionSignaled: 'Sig',
  WorkflowExecutionCancelRequested: 'CancelRequested',
  ActivityTaskScheduled: 'AS',
  ActivityTaskStarted: 'AB',
  ActivityTaskCompleted: 'AC',
  MarkerRecorded: 'Mk',
  WorkflowExecutionUpdateAdmitted: 'UAdm',
  WorkflowExecutionUpdateAccepted: 'UA',
  WorkflowExecutionUpdateCompleted: 'UC',
  WorkflowExecutionOptionsUpdated: 'OptionsUpdated',
  WorkflowExecutionCompleted: 'Completed',
  WorkflowExecutionFailed: 'Failed',
  WorkflowExecutionCanceled: 'Canceled',
  WorkflowExecutionTerminated: 'Terminated',
  WorkflowExecutionTimedOut: 'TimedOut',
  WorkflowExecutionContinuedAsNew: 'ContinuedAsNew',
};

export const marker = (input: unknown = 'm'): Command => ({
  commandType: 9,
  recordMarkerCommandAttributes: { markerName: 'm', details: { d: payloads(input) } },
});
export { completeWorkflow };
export const STICKY = { workerTaskQueue: { name: 'sticky' }, scheduleToStartTimeout: { seconds: 5 } };

/** One run and what clients and workers do to it, step by step, with its history in short. */
export class HistoryScenario extends ActivityScenario {
  /** The task as the worker that has it knows it. */
  get held(): HeldWorkflowTask {
    const task = must(this.state.info.workflowTask, 'there must be a workflow task');
    const { scheduledEventId, startedEventId, startedMs, attempt, stamp } = task;
    return { scheduledEventId, startedEventId, startedMs, attempt, stamp };
  }

  /** A worker takes the task that waits, from the queue it waits in. */
  begin(): this {
    const task = must(this.state.info.workflowTask, 'there must be a workflow task');
    const { scheduledEventId, attempt, stamp, sticky, taskQueue } = task;
    const polled = { polledQueue: taskQueue, polledSticky: sticky };
    const requestId = this.freshId();
    this.do('StartWorkflowTask', { scheduledEventId, attempt, stamp, requestId, identity: 'worker', ...polled });
    return this;
  }

  /** The worker answers the task it has. */
  answer(commands: readonly Command[] = [], more: CompletedRequest = {}): Outcome<ReplyOf<'CompleteWorkflowTask'>> {
    return this.ask('CompleteWorkflowTask', { held: this.held, request: { identity: 'worker', commands, ...more } });
  }

  /** What the worker reads when its answer is not taken. */
  refusedAnswer(commands: readonly Command[], more: CompletedRequest = {}): string | undefined {
    const outcome = this.answer(commands, more);
    return 'refusal' in outcome ? outcome.refusal?.message : outcome.kind;
  }

  /** The worker cannot go on. */
  fails(cause = 24): void {
    this.do('FailWorkflowTask', { held: this.held, request: { cause, identity: 'worker' } });
  }

  cancel(): void {
    this.do('RequestCancelWorkflow', { reason: '', identity: 'client', requestId: '', firstExecutionRunId: '' });
  }

  terminate(): void {
    this.do('TerminateWorkflow', { reason: 'enough', identity: 'client', firstExecutionRunId: '' });
  }

  /** A start that attaches itself to the run. */
  attach(requestId: string): void {
    const nothing = { completionCallbacks: [], links: [] };
    this.do('AttachRequest', { requestId, identity: 'client', attachRequestId: true, ...nothing });
  }

  get short(): string {
    return this.events.map(({ eventType }) => SHORT[eventName(eventType) ?? ''] ?? eventName(eventType)).join(' ');
  }
}
