import { outstandingTasks } from '@duramesh/engine';
import { type Handler, refOf } from './handler.ts';

/**
 * Removes a run. That it is to go is durable first, so that it goes even if this process does; and it is gone before the
 * caller is answered, unless its end has left something to do. @see spec-history 6.4
 */
export const deleteWorkflow: Handler<'deleteWorkflow'> =
  ({ owner }) =>
  async (call) => {
    const { run } = await owner.execute(refOf(call, call.request?.workflowExecution), 'DeleteWorkflow', {});
    const mayGo = outstandingTasks(run.state).every(({ type }) => type === 'DeleteRun');
    if (mayGo) await owner.remove(run);
    return {};
  };
