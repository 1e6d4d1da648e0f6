import { outstandingTasks } from '@duramesh/engine';
import { type Handler, namespaceOf } from './handler.ts';

/** Whether a task that waits in a task queue is still of use. Asked after those that have waited for long. */
export const validateTask: Handler<'validateTask'> =
  ({ owner }) =>
  async (call) => {
    const { workflowId, runId, scheduledEventId, attempt, stamp } = call;
    const { state } = await owner.read({ namespaceId: namespaceOf(call).id, workflowId, runId });
    const wanted = outstandingTasks(state).some(
      (task) =>
        'scheduledEventId' in task &&
        task.scheduledEventId === scheduledEventId &&
        task.attempt === attempt &&
        task.stamp === stamp,
    );
    return { wanted };
  };
