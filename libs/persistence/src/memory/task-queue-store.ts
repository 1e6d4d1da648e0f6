import type { CommitResult, Lease } from '../api/execution-store.ts';
import type { BacklogPosition, BacklogTask, TaskQueueStore } from '../api/task-queue-store.ts';
import type { Backlog, MemoryDatabase } from './database.ts';
import type { Link } from './link.ts';

export class MemoryTaskQueueStore implements TaskQueueStore {
  readonly #database: MemoryDatabase;
  readonly #link: Link;

  constructor(database: MemoryDatabase, link: Link) {
    this.#database = database;
    this.#link = link;
  }

  append(lease: Lease, queue: string, tasks: readonly BacklogTask[]): Promise<CommitResult> {
    return this.#link.write('append', () => {
      if (this.#database.isFenced(lease)) return 'fenced';
      const backlog = this.#database.backlogs.get(queue) ?? { byId: new Map(), dedupeKeys: new Set() };
      const fresh = freshTasks(backlog, tasks);
      if (fresh === undefined) return 'conflict';
      this.#database.backlogs.set(queue, backlog);
      for (const task of fresh) {
        backlog.dedupeKeys.add(task.dedupeKey);
        backlog.byId.set(task.taskId, { ...task });
        this.#link.noteRows(1, task.data.byteLength);
      }
      return 'committed';
    });
  }

  read(
    queue: string,
    level: number,
    { after, limit }: { readonly after: BacklogPosition; readonly limit: number },
  ): Promise<readonly BacklogTask[]> {
    return this.#link.read('readBacklog', () => {
      const tasks = this.#tasksOf(queue).filter((task) => task.level === level && byPosition(task, after) > 0);
      return tasks
        .toSorted(byPosition)
        .slice(0, limit)
        .map((task) => ({ ...task }));
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

  countByLevel(queue: string): Promise<ReadonlyMap<number, number>> {
    return this.#link.read('countBacklog', () => {
      const counts = new Map<number, number>();
      for (const { level } of this.#tasksOf(queue)) counts.set(level, (counts.get(level) ?? 0) + 1);
      return counts;
    });
  }

  lastPass(queue: string, level: number, fairnessKey: string): Promise<number | undefined> {
    return this.#link.read('readLastPass', () => {
      const own = this.#tasksOf(queue).filter((task) => task.level === level && task.fairnessKey === fairnessKey);
      return own.reduce<number | undefined>((last, { pass }) => Math.max(last ?? pass, pass), undefined);
    });
  }

  readConfig(queue: string): Promise<Uint8Array | undefined> {
    return this.#link.read('readQueueConfig', () => this.#database.queueConfigs.get(queue));
  }

  writeConfig(lease: Lease, queue: string, config: Uint8Array): Promise<CommitResult> {
    return this.#link.write('writeQueueConfig', () => {
      if (this.#database.isFenced(lease)) return 'fenced';
      this.#database.queueConfigs.set(queue, config);
      this.#link.noteRows(1, config.byteLength);
      return 'committed';
    });
  }

  #tasksOf(queue: string): BacklogTask[] {
    return [...(this.#database.backlogs.get(queue)?.byId.values() ?? [])];
  }
}

const byPosition = (a: BacklogPosition, b: BacklogPosition): number => a.pass - b.pass || a.taskId - b.taskId;

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
