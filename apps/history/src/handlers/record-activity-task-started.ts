import { isSameVersion, movesTo, routeOf, targetOf, type Version, versionOfWorker } from '@duramesh/engine';
import { RecordTaskStartedReply, StartVerdict } from '@duramesh/proto';
import { activityPollResponse, activityTaskResponse } from '../read/activity-task-response.ts';
import type { MatchingClient } from '../deps.ts';
import type { CachedRun } from '../shard/run-cache.ts';
import { rootOf } from '../worker-deployments/deployment-queues.ts';
import { type Handler, isNotFound, namespaceOf } from './handler.ts';

const obsolete = RecordTaskStartedReply.create({ verdict: StartVerdict.START_VERDICT_OBSOLETE });

export const recordActivityTaskStarted: Handler<'recordActivityTaskStarted'> =
  ({ owner, deps, matching }) =>
  async (call) => {
    const namespace = namespaceOf(call);
    const ref = { namespaceId: namespace.id, namespace, workflowId: call.workflowId, runId: call.runId };
    const worker = versionOfWorker(call.deploymentOptions);
    try {
      const { reply, run } = await owner.execute(ref, 'StartActivityTask', {
        scheduledEventId: call.scheduledEventId,
        attempt: call.attempt,
        stamp: call.stamp,
        requestId: call.requestId,
        identity: call.identity,
        movesTo: worker && (await movedBy(matching, await owner.read(ref), worker)),
      });
      const response = await activityTaskResponse(deps.store.executions, { namespace, run, task: reply });
      return { verdict: StartVerdict.START_VERDICT_STARTED, pollResponse: activityPollResponse.encode(response) };
    } catch (error) {
      if (isNotFound(error)) return obsolete;
      throw error;
    }
  };

const WORKFLOW = 1;

/**
 * The version of the worker, if it is another one than that of the run and workflow tasks of the run would go to it now:
 * then the run has to come to it first. Otherwise the queue of the activity goes by versions of its own. @see spec-matching 2.5
 */
async function movedBy(
  matching: MatchingClient,
  { key, state: { info } }: CachedRun,
  worker: Version,
): Promise<Version | undefined> {
  if (info.versioning?.transition || !movesTo(info, worker)) return undefined;
  const queue = rootOf(key.namespaceId, { name: info.taskQueue, type: WORKFLOW });
  const { versioning } = await matching.followVersions({ queue, follower: undefined });
  const target = targetOf(routeOf(versioning?.deployments ?? []), key.workflowId);
  return isSameVersion(target, worker) ? worker : undefined;
}
