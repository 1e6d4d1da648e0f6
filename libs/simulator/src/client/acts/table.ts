import type { Act } from './act.ts';
import { cancel } from './cancel.ts';
import { deleteRun } from './delete.ts';
import { endChild } from './end-child.ts';
import { fastForward } from './fast-forward.ts';
import { look } from './look.ts';
import { pauseActivity } from './pause-activity.ts';
import { pauseWorkflow } from './pause-workflow.ts';
import { query } from './query.ts';
import { reset } from './reset.ts';
import { terminate, terminateChain } from './terminate.ts';
import { updateActivityOptions } from './update-activity-options.ts';
import { updateWorkflowOptions } from './update-workflow-options.ts';

/** Everything that is done to workflows beside starting, signaling and updating them. */
export const ACTS = {
  cancel,
  reset,
  terminate,
  terminateChain,
  deleteRun,
  pauseWorkflow,
  pauseActivity,
  updateActivityOptions,
  updateWorkflowOptions,
  fastForward,
  query,
  look,
  endChild,
} satisfies Readonly<Record<string, Act>>;

export type ActName = keyof typeof ACTS;
