import type { ChildInfo, Plain, temporal } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import type { CommandName, CommandOf, Parentage } from './commands.ts';
import { EVENT_TYPES, type HistoryEvent } from './events.ts';
import type { ExecutionState } from './state.ts';
import { outstandingTasks } from './outstanding.ts';

type Command = Plain<temporal.api.command.v1.ICommand>;

const OTHER = '00000000-0000-4000-8000-00000000000f';
const header = { fields: { h: { data: new Uint8Array([1]) } } };

/** The parent of a run that is a child. */
export const PARENTAGE: Parentage = {
  namespaceId: 'ns',
  namespace: 'n',
  workflowId: 'parent',
  runId: OTHER,
  initiatedEventId: 5,
  root: { workflowId: 'root', runId: OTHER },
};

/** What a worker may ask of other workflows, whichever the numbers are. */
export const othersCommand = (which: number, id: number): Command => {
  switch (which % 3) {
    case 0:
      return {
        commandType: 11,
        startChildWorkflowExecutionCommandAttributes: {
          workflowId: `child-${id}`,
          workflowType: { name: 'child' },
          parentClosePolicy: id % 4,
          header,
        },
      };
    case 1:
      return {
        commandType: 8,
        requestCancelExternalWorkflowExecutionCommandAttributes: {
          workflowId: `child-${id}`,
          childWorkflowOnly: id > 1,
        },
      };
    default:
      return {
        commandType: 12,
        signalExternalWorkflowExecutionCommandAttributes: {
          execution: { workflowId: `child-${id}` },
          signalName: 's',
          control: 'c',
        },
      };
  }
};

const CLOSE_EVENTS: readonly HistoryEvent[] = [
  { eventType: EVENT_TYPES.WorkflowExecutionCompleted, workflowExecutionCompletedEventAttributes: {} },
  {
    eventType: EVENT_TYPES.WorkflowExecutionFailed,
    workflowExecutionFailedEventAttributes: { failure: { message: 'no' }, retryState: 5 },
  },
  { eventType: EVENT_TYPES.WorkflowExecutionCanceled, workflowExecutionCanceledEventAttributes: {} },
  { eventType: EVENT_TYPES.WorkflowExecutionTimedOut, workflowExecutionTimedOutEventAttributes: { retryState: 3 } },
  { eventType: EVENT_TYPES.WorkflowExecutionTerminated, workflowExecutionTerminatedEventAttributes: {} },
  // Ends nothing.
  { eventType: EVENT_TYPES.MarkerRecorded, markerRecordedEventAttributes: {} },
];

interface Asked {
  readonly state: ExecutionState;
  ask<N extends CommandName>(name: N, command: CommandOf<N>): void;
}

/** How many numbers choose what other workflows do. */
export const OTHERS_CHOICES = 3;

/** A child, a parent or a workflow that was asked something does what the numbers say. */
export function answerOfOthers(subject: Asked, [act = 0, whom = 0, how = 0]: readonly number[]): void {
  const { children, externalCancels, externalSignals } = subject.state;
  const child = [...children.values()][whom % Math.max(1, children.size)];
  if (act < 60 && child) return actOfChild(subject, child, { act, how });
  const kind = how % 2 === 0 ? 'cancel' : 'signal';
  const [request] = (kind === 'cancel' ? externalCancels : externalSignals).keys();
  if (act < 80 && request !== undefined) {
    const failedCause = whom % 2 === 0 ? undefined : 1;
    subject.ask('RecordExternalResult', { kind, initiatedEventId: request, failedCause, control: 'c' });
    return;
  }
  if (act < 90) subject.ask('ScheduleFirstWorkflowTask', {});
  else if (act < 95) subject.ask('RecordTaskDone', { type: 'ReportToParent' });
  else subject.ask('RequestCancelWorkflow', fromParent);
}

const fromParent: CommandOf<'RequestCancelWorkflow'> = {
  reason: '',
  identity: 'history-service',
  requestId: 'p',
  firstExecutionRunId: '',
  source: { workflowId: PARENTAGE.workflowId, runId: PARENTAGE.runId, initiatedEventId: 7, childWorkflowOnly: true },
};

interface Choice {
  readonly act: number;
  readonly how: number;
}
function actOfChild(subject: Asked, { initiatedEventId, workflowId }: ChildInfo, { act, how }: Choice): void {
  const runId = `run-of-${initiatedEventId}`;
  if (act < 25) return subject.ask('RecordChildStarted', { initiatedEventId, runId, header });
  if (act < 30) return subject.ask('RecordStartChildFailed', { initiatedEventId, cause: 1, control: '' });
  if (act < 40) return subject.ask('RecordTaskDone', { type: 'ConfirmChild', initiatedEventId });
  if (act < 45) return subject.ask('RecordTaskDone', { type: 'AskChild', initiatedEventId });
  const closeEvent = must(CLOSE_EVENTS[how % CLOSE_EVENTS.length], 'there is a choice');
  const firstRunId = how % 7 === 6 ? 'another' : runId;
  const child = { workflowId, runId: `last-${runId}` };
  return subject.ask('RecordChildClosed', { initiatedEventId, child, firstRunId, closeEvent, header });
}

/** Everything that others are to be told is told. */
export function tellOthers(subject: Asked): void {
  for (const task of outstandingTasks(subject.state)) {
    if (task.type === 'ReportToParent') subject.ask('RecordTaskDone', { type: task.type });
    if (task.type === 'ConfirmChild' || task.type === 'AskChild' || task.type === 'ApplyClosePolicy') {
      subject.ask('RecordTaskDone', { type: task.type, initiatedEventId: task.initiatedEventId });
    }
  }
}
