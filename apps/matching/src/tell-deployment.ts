import { type Client, GrpcCode, type HistoryContract, ServiceError, unavailable } from '@duramesh/contracts';
import type { Version } from '@duramesh/engine';
import type { QueueDeployment, TaskQueuePartition } from '@duramesh/proto';
import { type Clock, must } from '@duramesh/runtime';

/** A worker that cannot be registered comes again at once: it is held for so long. */
const HOLD_MS = 5_000;

/** Makes a version known to its deployment. A limit of the deployment is told; everything else passes. @see spec-matching 9.3.3 */
export function tellDeploymentBy(history: Client<HistoryContract>, clock: Clock) {
  return async (queue: TaskQueuePartition, { deploymentName, buildId }: Version): Promise<QueueDeployment> => {
    try {
      const { deployment } = await history.registerWorker({
        namespaceId: queue.namespaceId,
        name: deploymentName ?? '',
        buildId: buildId ?? '',
        taskQueue: queue.name,
        taskQueueType: queue.type,
      });
      return must(deployment, 'a registration is answered with the deployment');
    } catch (error) {
      await clock.sleep(HOLD_MS);
      if (error instanceof ServiceError && error.code === GrpcCode.RESOURCE_EXHAUSTED) throw error;
      throw unavailable('task queue is not ready to process polls from this deployment version, try again shortly');
    }
  };
}
