import type { Action } from './action.ts';
import { addTask, queueOf, taskRefOf } from './add-task.ts';

const ACTIVITY = 2;
const NORMAL = 1;

/** Hands an activity attempt to matching. */
export const dispatchActivityTask: Action<'DispatchActivityTask'> = async (parts, run, task) => {
  const queue = queueOf(run, { name: task.taskQueue, type: ACTIVITY, kind: NORMAL, normalName: '' });
  await addTask(parts, queue, taskRefOf(parts, run, task));
};
