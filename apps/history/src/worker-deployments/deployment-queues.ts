import { onePartition } from '@duramesh/contracts';
import {
  hasQueue,
  isSameVersion,
  queuesOf,
  type Version,
  versionOfWorker,
  type WorkerDeployment,
} from '@duramesh/engine';
import type { DeploymentQueue, DescribePartitionReply, TaskQueuePartition } from '@duramesh/proto';
import type { HistoryDeps, MatchingClient } from '../deps.ts';

const NORMAL = 1;

/** The partition that speaks for a queue. */
export const rootOf = (namespaceId: string, { name, type }: DeploymentQueue): TaskQueuePartition => ({
  namespaceId,
  name,
  type,
  kind: NORMAL,
  partition: 0,
  normalName: '',
});

/** What matching knows about the queues of a deployment. */
export class DeploymentQueues {
  readonly #deps: HistoryDeps;
  readonly #matching: MatchingClient;

  constructor(deps: HistoryDeps, matching: MatchingClient) {
    this.#deps = deps;
    this.#matching = matching;
  }

  /** Whether the current version has workers on a queue with work to do where the proposed one has none. */
  async lackedBy(namespaceId: string, state: WorkerDeployment, buildId: string): Promise<boolean> {
    const current = state.versions.get(state.info.routing?.currentDeploymentVersion?.buildId ?? '');
    if (!current || current.buildId === buildId) return false;
    const proposed = state.versions.get(buildId);
    for (const queue of queuesOf([current])) {
      if (proposed && hasQueue(proposed, queue)) continue;
      const partitions = await this.#describe(namespaceId, queue);
      const owner = partitions[0]?.versioning?.currentDeploymentVersion?.deploymentName ?? '';
      if (owner !== '' && owner !== state.info.name) continue;
      const levels = partitions.flatMap((partition) => partition.levels);
      if (levels.some((level) => level.backlogCount > 0 || level.tasksAddRate > 0)) return true;
    }
    return false;
  }

  /** Whether a worker of the version polled one of its queues lately. */
  async arePolled(namespaceId: string, version: Version, queues: readonly DeploymentQueue[]): Promise<boolean> {
    for (const queue of queues) {
      const partitions = await this.#describe(namespaceId, queue);
      const pollers = partitions.flatMap((partition) => partition.pollers);
      if (pollers.some(({ deploymentOptions: own }) => own && isSameVersion(versionOfWorker(own), version)))
        return true;
    }
    return false;
  }

  #describe(namespaceId: string, queue: DeploymentQueue): Promise<DescribePartitionReply[]> {
    const root = rootOf(namespaceId, queue);
    const { read } = (this.#deps.partitionsOf ?? onePartition)(root);
    const partitions = Array.from({ length: read }, (_, partition) => ({ ...root, partition }));
    return Promise.all(partitions.map((partition) => this.#matching.describePartition({ queue: partition })));
  }
}
