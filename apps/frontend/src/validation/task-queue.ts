import { invalidArgument } from '@duramesh/contracts';
import type { Plain, temporal } from '@duramesh/proto';
import { exceedsBytes } from './ids.ts';

export type TaskQueue = Plain<temporal.api.taskqueue.v1.ITaskQueue>;

export const TaskQueueKind = { UNSPECIFIED: 0, NORMAL: 1, STICKY: 2 } as const;
export const TaskQueueType = { UNSPECIFIED: 0, WORKFLOW: 1, ACTIVITY: 2, NEXUS: 3 } as const;

const RESERVED_PREFIX = '/_sys/';
const PER_NAMESPACE_PREFIX = 'temporal-sys-per-ns-';
const WORKER_CONTROLLER_QUEUE = 'temporal-sys-worker-controller-per-ns-tq';

/** A queue with its name checked and its kind filled in. */
export type KnownTaskQueue = TaskQueue & { readonly name: string; readonly kind: number };

/** A queue as anybody may name it. */
export function requireTaskQueue(queue: TaskQueue | undefined, idBytes: number): KnownTaskQueue {
  if (!queue) throw invalidArgument('taskQueue is not set');
  const { name = '', kind = TaskQueueKind.UNSPECIFIED, normalName = '' } = queue;
  if (name === '') throw invalidArgument('missing task queue name');
  if (exceedsBytes(name, idBytes)) throw invalidArgument('taskQueue length exceeds limit');
  if (name.startsWith(RESERVED_PREFIX)) {
    throw invalidArgument(`task queue name cannot start with reserved prefix ${RESERVED_PREFIX}`);
  }
  return { name, kind: kind === TaskQueueKind.UNSPECIFIED ? TaskQueueKind.NORMAL : kind, normalName };
}

/** A queue on which a user wants work done: not one of the server's own. */
export function requireUserTaskQueue(queue: TaskQueue | undefined, idBytes: number): KnownTaskQueue {
  const known = requireTaskQueue(queue, idBytes);
  if (known.name.startsWith(PER_NAMESPACE_PREFIX) || known.name === WORKER_CONTROLLER_QUEUE) {
    throw invalidArgument(`cannot use internal per-namespace task queue:${known.name}`);
  }
  return known;
}
