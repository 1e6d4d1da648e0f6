import { queryTaskResponse } from '../read/workflow-task-response.ts';
import { type Handler, namespaceOf } from './handler.ts';

/** The poll answer for a worker that was chosen to answer a query. Starts nothing. */
export const buildQueryTask: Handler<'buildQueryTask'> =
  ({ owner, deps }) =>
  async (call) => {
    const ref = { namespaceId: namespaceOf(call).id, workflowId: call.workflowId, runId: call.runId };
    const run = await owner.read(ref);
    // The sticky worker has the history already.
    const sticky = run.state.info.sticky?.name === call.taskQueue?.name;
    const { query = {}, taskToken } = call;
    return { response: await queryTaskResponse(deps.store.executions, { run, query, taskToken, sticky }) };
  };
