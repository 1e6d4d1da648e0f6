import type { Clock } from '@duramesh/runtime';
import type { CommitResult, Lease } from '../api/execution-store.ts';
import type { BacklogTask, TaskQueueStore } from '../api/task-queue-store.ts';
import type { Backlog, MemoryDatabase } from './database.ts';
import type { Link } from './link.ts';

export class MemoryTaskQueueStore implements TaskQueueStore {
  readonly #database: MemoryDatabase;
  readonly #link: Link;
  readonly #clock: Clock;

  constructor(database: MemoryDatabase, link: Link, clock: Clock) {
    this.#database = database;
    this.#link = link;
    this.#clock = clock;
  }

  append(lease: Lease, queue: string, tasks: readonly BacklogTask[]): Promise<CommitResult> {
    return this.#link.write('append', () => {
      if (this.#database.isFenced(lease)) return 'fenced';
      const backlog = this.#database.backlogs.get(queue) ?? { byId: new Map(), dedupeKeys: new Set() };
      const fresh = freshTasks(backlog, tasks);
      if (fresh === undefined) return 'conflict';
      this.#database.backlogs.set(queue, backlog);
      for (const { taskId, dedupeKey, data, expiresMs } of fresh) {
        backlog.dedupeKeys.add(dedupeKey);
        backlog.byId.set(taskId, { taskId, dedupeKey, data, expiresMs, createdMs: this.#clock.now() });
        this.#link.noteRows(1, data.byteLength);
      }
      return 'committed';
    });
  }

  read(queue: string, afterTaskId: number, limit: number): Promise<readonly BacklogTask[]> {
    return this.#link.read('readBacklog', () => {
      const tasks = [...(this.#database.backlogs.get(queue)?.byId.values() ?? [])];
      const wanted = tasks.filter((task) => task.taskId > afterTaskId).sort((a, b) => a.taskId - b.taskId);
      return wanted
        .slice(0, limit)
        .map(({ taskId, dedupeKey, data, expiresMs }) => ({ taskId, dedupeKey, data, expiresMs }));
    });
  }

  remove(lease: Lease, queue: string, taskIds: readonly number[]): Promise<CommitResult> {
    return this.#link.write('remove', () => {
      if (this.#database.isFenced(lease)) return 'fenced';
      const backlog = this.#database.backlogs.get(queue);
      for (const taskId of taskIds) {
        const task = backlog?.byId.get(taskId);
        if (task === undefined) continue;
        backlog?.byId.delete(taskId);
        backlog?.dedupeKeys.delete(task.dedupeKey);
      }
      if (backlog?.byId.size === 0) this.#database.backlogs.delete(queue);
      return 'committed';
    });
  }

  count(queue: string): Promise<{ readonly count: number; readonly oldestMs: number | undefined }> {
    return this.#link.read('countBacklog', () => {
      let oldestMs: number | undefined;
      const tasks = this.#database.backlogs.get(queue)?.byId;
      for (const task of tasks?.values() ?? []) oldestMs = Math.min(oldestMs ?? Infinity, task.createdMs);
      return { count: tasks?.size ?? 0, oldestMs };
    });
  }
}

/** The tasks that do not wait already, or undefined when an id is taken by other work. */
function freshTasks(backlog: Backlog, tasks: readonly BacklogTask[]): readonly BacklogTask[] | undefined {
  const fresh = new Map<string, BacklogTask>();
  const ids = new Set<number>();
  for (const task of tasks) {
    if (backlog.dedupeKeys.has(task.dedupeKey) || fresh.has(task.dedupeKey)) continue;
    if (backlog.byId.has(task.taskId) || ids.has(task.taskId)) return undefined;
    fresh.set(task.dedupeKey, task);
    ids.add(task.taskId);
  }
  return [...fresh.values()];
}
