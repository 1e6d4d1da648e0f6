import { isStickyWorkerUnavailable } from '@duramesh/contracts';
import type { Action } from './action.ts';
import { queueOf, taskRefOf } from './add-task.ts';

const WORKFLOW = 1;
const NORMAL = 1;
const STICKY = 2;

/** Hands a workflow task to matching. */
export const dispatchWorkflowTask: Action<'DispatchWorkflowTask'> = async (parts, run, task) => {
  const { taskQueue, normalTaskQueue: normalName } = task;
  const normal = queueOf(run, { name: normalName, type: WORKFLOW, kind: NORMAL, normalName: '' });
  const sticky = queueOf(run, { name: taskQueue, type: WORKFLOW, kind: STICKY, normalName });
  try {
    await parts.matching.addTask({ queue: task.sticky ? sticky : normal, task: taskRefOf(parts, run, task) });
  } catch (error) {
    if (!task.sticky || !isStickyWorkerUnavailable(error)) throw error;
    // The worker that knows the run is away: any worker of the normal queue will do. The run stays sticky.
    await parts.matching.addTask({ queue: normal, task: taskRefOf(parts, run, task) });
  }
};
