import { RunState } from '@duramesh/proto';
import type { Draft } from '../draft.ts';
import { fromDuration, fromTimestamp } from '../events.ts';
import type { EventFamily } from '../evolve.ts';
import { CAUSES } from '../worker-commands/worker-command.ts';
import { takeVersion } from '../run-versioning.ts';
import { clearReportedProblem, rememberWorker } from '../worker-facts.ts';
import { beginAnew } from './reset.ts';

const KIND_STICKY = 2;

type Names =
  | 'WorkflowTaskScheduled'
  | 'WorkflowTaskStarted'
  | 'WorkflowTaskCompleted'
  | 'WorkflowTaskTimedOut'
  | 'WorkflowTaskFailed';

const ended = (draft: Draft): void => {
  draft.info.workflowTask = undefined;
};

/**
 * Workflow tasks. Attempts after the first one leave no events until they complete (transient): those facts are notes,
 * set by workflow-task.ts; what is told here is what history alone can tell.
 */
export const workflowTaskEvents: EventFamily<Names> = {
  WorkflowTaskScheduled: {
    numbered(draft, attributes, event) {
      const scheduledMs = fromTimestamp(event.eventTime);
      const known = draft.info.workflowTask;
      draft.info.state = RunState.RUN_STATE_RUNNING;
      draft.info.backoffUntilMs = 0;
      draft.info.workflowTask = {
        stamp: 0,
        requestId: '',
        startedMs: 0,
        suggestContinueAsNew: false,
        suggestContinueAsNewReasons: [],
        historySizeBytes: 0,
        scheduleToStartTimeoutMs: 0,
        identity: '',
        targetVersionChanged: false,
        scheduledMs,
        originalScheduledMs: scheduledMs,
        taskQueue: attributes.taskQueue?.name ?? '',
        sticky: attributes.taskQueue?.kind === KIND_STICKY,
        timeoutMs: fromDuration(attributes.startToCloseTimeout),
        attempt: attributes.attempt ?? 1,
        ...known,
        scheduledEventId: event.eventId ?? 0,
        startedEventId: 0,
        inHistory: true,
        speculative: false,
      };
    },
  },
  WorkflowTaskStarted: {
    numbered(draft, attributes, event) {
      const task = draft.info.workflowTask;
      if (!task) return;
      draft.info.workflowTask = {
        ...task,
        startedEventId: event.eventId ?? 0,
        startedMs: fromTimestamp(event.eventTime),
        requestId: attributes.requestId ?? '',
        identity: attributes.identity ?? '',
        historySizeBytes: attributes.historySizeBytes ?? 0,
        targetVersionChanged: attributes.targetWorkerDeploymentVersionChanged ?? false,
        suggestContinueAsNew: attributes.suggestContinueAsNew ?? false,
        suggestContinueAsNewReasons: [...(attributes.suggestContinueAsNewReasons ?? [])],
      };
    },
  },
  WorkflowTaskCompleted: {
    numbered(draft, attributes, event) {
      const { info } = draft;
      const isFirst = info.previousStartedEventId === 0;
      info.workflowTask = undefined;
      info.previousStartedEventId = attributes.startedEventId ?? 0;
      info.nextWorkflowTaskAttempt = 1;
      info.workflowTaskFailures = 0;
      info.workflowTaskProblem = [];
      info.closeAttempted = false;
      clearReportedProblem(draft);
      rememberWorker(draft, { attributes, event, isFirst });
      takeVersion(draft, attributes);
    },
  },
  WorkflowTaskTimedOut: { numbered: ended },
  WorkflowTaskFailed: {
    numbered(draft, attributes, event) {
      ended(draft);
      const { cause, baseRunId = '' } = attributes;
      // Workers may name this cause too, but no base.
      if (cause === CAUSES.ResetWorkflow && baseRunId !== '') beginAnew(draft, baseRunId, event);
    },
  },
};
