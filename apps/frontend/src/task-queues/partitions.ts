import type { TaskQueuePartition } from '@duramesh/proto';
import type { FrontendServices } from '../rpc/handler.ts';
import { TaskQueueKind } from '../validation/task-queue.ts';

type Named = Pick<TaskQueuePartition, 'namespaceId' | 'name' | 'type'>;

/** Every partition of a normal queue that may have tasks, the root first. */
export function allPartitions(
  { partitionsOf }: Pick<FrontendServices, 'partitionsOf'>,
  queue: Named,
): TaskQueuePartition[] {
  const { read } = partitionsOf(queue);
  return Array.from({ length: read }, (_, partition) => rootOf(queue, partition));
}

/** The partition that speaks for a normal queue, or another one of it. */
export const rootOf = ({ namespaceId, name, type }: Named, partition = 0): TaskQueuePartition => ({
  namespaceId,
  name,
  type,
  kind: TaskQueueKind.NORMAL,
  partition,
  normalName: '',
});
