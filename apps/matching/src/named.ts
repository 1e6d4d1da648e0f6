import { invalidArgument } from '@duramesh/contracts';
import type { TaskQueuePartition } from '@duramesh/proto';

/** The queue that a call is about. @throws ServiceError when it names none */
export function named(queue: TaskQueuePartition | undefined): TaskQueuePartition {
  if (queue === undefined) throw invalidArgument('queue is not set');
  return queue;
}
