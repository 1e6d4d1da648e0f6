import type { Plain, temporal } from '@duramesh/proto';
import { ActivityScenario, payloads } from './activity-scenario.fixture.ts';
import type { CommandOf, Parentage } from './commands.ts';
import { EVENT_TYPES, type HistoryEvent } from './events.ts';
import { outstandingTasks } from './outstanding.ts';
import { taskName } from './tasks.ts';

type Command = Plain<temporal.api.command.v1.ICommand>;
type ChildAttributes = NonNullable<Command['startChildWorkflowExecutionCommandAttributes']>;
type SignalAttributes = NonNullable<Command['signalExternalWorkflowExecutionCommandAttributes']>;
type CancelAttributes = NonNullable<Command['requestCancelExternalWorkflowExecutionCommandAttributes']>;

export const POLICY = { terminate: 1, abandon: 2, requestCancel: 3 } as const;
export const CHILD_RUN = '00000000-0000-4000-8000-00000000c001';
export const PARENT_RUN = '00000000-0000-4000-8000-00000000c002';

export const parentage: Parentage = {
  namespaceId: 'ns-id',
  namespace: 'default',
  workflowId: 'parent',
  runId: PARENT_RUN,
  initiatedEventId: 5,
  root: { workflowId: 'root', runId: PARENT_RUN },
};

export const startChild = (attributes: ChildAttributes = {}): Command => ({
  commandType: 11,
  startChildWorkflowExecutionCommandAttributes: {
    workflowId: 'child',
    workflowType: { name: 'child-type' },
    ...attributes,
  },
});
export const cancelExternal = (attributes: CancelAttributes = {}): Command => ({
  commandType: 8,
  requestCancelExternalWorkflowExecutionCommandAttributes: { workflowId: 'other', ...attributes },
});
export const signalExternal = (attributes: SignalAttributes = {}): Command => ({
  commandType: 12,
  signalExternalWorkflowExecutionCommandAttributes: {
    execution: { workflowId: 'other' },
    signalName: 'go',
    ...attributes,
  },
});

const completed: HistoryEvent = {
  eventType: EVENT_TYPES.WorkflowExecutionCompleted,
  workflowExecutionCompletedEventAttributes: { result: payloads('done') },
};

/** A run that has to do with other workflows; the test plays those. */
export class FamilyScenario extends ActivityScenario {
  /** What is left to be told to others. */
  get left(): readonly string[] {
    return outstandingTasks(this.state)
      .filter(({ type }) => !type.startsWith('Dispatch'))
      .map(taskName);
  }

  childStarted(initiatedEventId: number): void {
    this.do('RecordChildStarted', { initiatedEventId, runId: CHILD_RUN, header: undefined });
  }

  childConfirmed(initiatedEventId: number): void {
    this.do('RecordTaskDone', { type: 'ConfirmChild', initiatedEventId });
  }

  closing(initiatedEventId: number, closeEvent: HistoryEvent = completed): CommandOf<'RecordChildClosed'> {
    const child = { workflowId: 'child', runId: CHILD_RUN };
    return { initiatedEventId, child, firstRunId: CHILD_RUN, closeEvent, header: undefined };
  }

  childClosed(initiatedEventId: number, closeEvent?: HistoryEvent): void {
    this.do('RecordChildClosed', this.closing(initiatedEventId, closeEvent));
  }

  terminate(): void {
    this.do('TerminateWorkflow', { reason: 'enough', identity: 'client', firstExecutionRunId: '' });
  }
}
