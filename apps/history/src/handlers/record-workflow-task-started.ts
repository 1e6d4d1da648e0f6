import { versionOfWorker } from '@duramesh/engine';
import { RecordTaskStartedReply, StartVerdict } from '@duramesh/proto';
import { workflowTaskResponse } from '../read/workflow-task-response.ts';
import { type Handler, isNotFound, namespaceOf } from './handler.ts';

const KIND_STICKY = 2;
const obsolete = RecordTaskStartedReply.create({ verdict: StartVerdict.START_VERDICT_OBSOLETE });

export const recordWorkflowTaskStarted: Handler<'recordWorkflowTaskStarted'> =
  ({ owner, deps, queryBuffer }) =>
  async (call) => {
    const ref = { namespaceId: namespaceOf(call).id, workflowId: call.workflowId, runId: call.runId };
    try {
      const { reply, run } = await owner.execute(ref, 'StartWorkflowTask', {
        scheduledEventId: call.scheduledEventId,
        attempt: call.attempt,
        stamp: call.stamp,
        requestId: call.requestId,
        identity: call.identity,
        polledQueue: call.taskQueue?.name ?? '',
        polledSticky: call.taskQueue?.kind === KIND_STICKY,
        worker: versionOfWorker(call.deploymentOptions),
        target: call.targetVersion,
      });
      const queries = queryBuffer.attachable(run.key, reply);
      const pollResponse = await workflowTaskResponse(deps.store.executions, { run, task: reply, queries });
      return { verdict: StartVerdict.START_VERDICT_STARTED, pollResponse };
    } catch (error) {
      if (isNotFound(error)) return obsolete;
      throw error;
    }
  };
