import { invalidArgument } from '@duramesh/contracts';
import { type ActivityRef, ActivityTaskToken } from '@duramesh/proto';
import { isUuid } from '@duramesh/runtime';
import { requireLength } from '../validation/ids.ts';
import { requireToken } from '../validation/task-tokens.ts';

const noToken = new Uint8Array();

/** The activity whose task the token stands for. */
export function activityByToken(taskToken: Uint8Array | undefined): ActivityRef {
  const { workflowId, runId } = requireToken(ActivityTaskToken, taskToken);
  if (workflowId === '') throw invalidArgument('Error deserializing task token.');
  return { workflowId, runId, activityId: '', token: taskToken ?? noToken };
}

interface Ids {
  readonly workflowId?: string | undefined;
  readonly runId?: string | undefined;
  readonly activityId?: string | undefined;
}

/** The pending activity of this id in the run, or in the current run. */
export function activityById({ workflowId, runId, activityId }: Ids, idBytes: number): ActivityRef {
  if (!workflowId) throw invalidArgument('WorkflowId is not set on request.');
  if (!activityId) throw invalidArgument('ActivityId is not set on request.');
  if (runId && !isUuid(runId)) throw invalidArgument('Invalid RunId.');
  requireLength('ActivityId', activityId, idBytes);
  return { workflowId, runId: runId ?? '', activityId, token: noToken };
}
