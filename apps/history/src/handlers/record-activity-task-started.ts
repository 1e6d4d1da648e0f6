import { RecordTaskStartedReply, StartVerdict } from '@duramesh/proto';
import { activityPollResponse, activityTaskResponse } from '../read/activity-task-response.ts';
import { type Handler, isNotFound, namespaceOf } from './handler.ts';

const obsolete = RecordTaskStartedReply.create({ verdict: StartVerdict.START_VERDICT_OBSOLETE });

export const recordActivityTaskStarted: Handler<'recordActivityTaskStarted'> =
  ({ owner, deps }) =>
  async (call) => {
    const namespace = namespaceOf(call);
    const ref = { namespaceId: namespace.id, namespace, workflowId: call.workflowId, runId: call.runId };
    try {
      const { reply, run } = await owner.execute(ref, 'StartActivityTask', {
        scheduledEventId: call.scheduledEventId,
        attempt: call.attempt,
        stamp: call.stamp,
        requestId: call.requestId,
        identity: call.identity,
      });
      const response = await activityTaskResponse(deps.store.executions, { namespace, run, task: reply });
      return { verdict: StartVerdict.START_VERDICT_STARTED, pollResponse: activityPollResponse.encode(response) };
    } catch (error) {
      if (isNotFound(error)) return obsolete;
      throw error;
    }
  };
