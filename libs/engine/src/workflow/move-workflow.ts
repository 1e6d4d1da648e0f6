import type { Version } from '../worker-deployment/versions.ts';
import type { Draft } from './draft.ts';
import { beginTransition } from './run-versioning.ts';
import { ensureWorkflowTask, handOutAnew } from './workflow-task.ts';

/** The run changes over to another version: a worker of that version is asked for, and no other one. */
export function moveWorkflow(draft: Draft, to: Version): void {
  beginTransition(draft, to);
  if (draft.workflowTaskStarted) return;
  draft.info.sticky = undefined;
  if (draft.info.workflowTask) handOutAnew(draft);
  else ensureWorkflowTask(draft);
}
