import { isStickyWorkerUnavailable } from '@duramesh/contracts';
import type { Action } from './action.ts';
import { addTask, queueOf, taskRefOf } from './add-task.ts';

const WORKFLOW = 1;
const NORMAL = 1;
const STICKY = 2;

/** Hands a workflow task to matching. */
export const dispatchWorkflowTask: Action<'DispatchWorkflowTask'> = async (parts, run, task) => {
  const { taskQueue, normalTaskQueue: normalName } = task;
  const normal = queueOf(run, { name: normalName, type: WORKFLOW, kind: NORMAL, normalName: '' });
  const sticky = queueOf(run, { name: taskQueue, type: WORKFLOW, kind: STICKY, normalName });
  try {
    await addTask(parts, task.sticky ? sticky : normal, taskRefOf(parts, run, task));
  } catch (error) {
    if (!task.sticky || !isStickyWorkerUnavailable(error)) throw error;
    // The worker that knows the run is away: any worker of the normal queue will do. The run stays sticky.
    await addTask(parts, normal, taskRefOf(parts, run, task));
  }
};
