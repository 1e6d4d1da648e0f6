import type { Plain, temporal } from '@duramesh/proto';
import { byteLength } from './text.ts';

type TaskQueue = Plain<temporal.api.taskqueue.v1.ITaskQueue>;

const RESERVED_PREFIX = '/_sys/';
const INTERNAL_PREFIXES = ['temporal-sys-per-ns-', 'temporal-sys-worker-controller-per-ns-tq'];

const isInternal = (name: string): boolean => INTERNAL_PREFIXES.some((prefix) => name.startsWith(prefix));

/** What is wrong with the task queue a command names, if anything. `parent` is the queue of the workflow. */
export function taskQueueProblem(
  queue: TaskQueue | undefined,
  { parent, idLength }: { readonly parent: string; readonly idLength: number },
): string | undefined {
  if (!queue) return 'taskQueue is not set';
  const name = queue.name ?? '';
  if (name === '') return 'missing task queue name';
  if (byteLength(name) > idLength) return 'taskQueue length exceeds limit';
  if (name.startsWith(RESERVED_PREFIX)) return `task queue name cannot start with reserved prefix ${RESERVED_PREFIX}`;
  if (isInternal(name) && !isInternal(parent)) {
    return `cannot use internal per-namespace task queue:${name} (in parent component task queue: ${parent})`;
  }
  return undefined;
}
