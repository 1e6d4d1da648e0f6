import type { CommitResult, Lease } from '../api/execution-store.ts';
import type { BacklogTask, TaskQueueStore } from '../api/task-queue-store.ts';
import type { Connection } from './connect.ts';
import type { Statement } from './statements.ts';
import type { Writer } from './writer.ts';

export class SqliteTaskQueueStore implements TaskQueueStore {
  readonly #connection: Connection;
  readonly #writer: Writer;
  readonly #findId: Statement<[number]>;
  readonly #findDedupe: Statement<[number]>;
  readonly #insert: Statement;
  readonly #delete: Statement;
  readonly #read: Statement<[taskId: number, dedupeKey: string, data: Uint8Array, expiresMs: number]>;
  readonly #count: Statement<[count: number, oldestMs: number | null]>;

  constructor(connection: Connection, writer: Writer) {
    this.#connection = connection;
    this.#writer = writer;
    this.#findId = connection.prepare('SELECT 1 FROM backlog_tasks WHERE queue = ? AND task_id = ?');
    this.#findDedupe = connection.prepare('SELECT 1 FROM backlog_tasks WHERE queue = ? AND dedupe_key = ?');
    this.#insert = connection.prepare(
      `INSERT INTO backlog_tasks (queue, task_id, dedupe_key, expires_at, created_at, data) VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#delete = connection.prepare('DELETE FROM backlog_tasks WHERE queue = ? AND task_id = ?');
    this.#read = connection.prepare(
      `SELECT task_id, dedupe_key, data, expires_at FROM backlog_tasks
       WHERE queue = ? AND task_id > ? ORDER BY task_id LIMIT ?`,
    );
    this.#count = connection.prepare('SELECT count(*), min(created_at) FROM backlog_tasks WHERE queue = ?');
  }

  append(lease: Lease, queue: string, tasks: readonly BacklogTask[]): Promise<CommitResult> {
    return this.#writer.submit({ apply: () => this.#append(lease, queue, tasks) });
  }

  read(queue: string, afterTaskId: number, limit: number): Promise<readonly BacklogTask[]> {
    return this.#connection.read(() =>
      this.#read
        .all(queue, afterTaskId, limit)
        .map(([taskId, dedupeKey, data, expiresMs]) => ({ taskId, dedupeKey, data, expiresMs })),
    );
  }

  remove(lease: Lease, queue: string, taskIds: readonly number[]): Promise<CommitResult> {
    return this.#writer.submit({
      apply: () => {
        if (this.#writer.isFenced(lease)) return 'fenced';
        for (const taskId of taskIds) this.#delete.run(queue, taskId);
        return 'committed';
      },
    });
  }

  count(queue: string): Promise<{ readonly count: number; readonly oldestMs: number | undefined }> {
    return this.#connection.read(() => {
      const [count, oldestMs] = this.#count.get(queue) ?? [0, null];
      return { count, oldestMs: oldestMs ?? undefined };
    });
  }

  #append(lease: Lease, queue: string, tasks: readonly BacklogTask[]): CommitResult {
    if (this.#writer.isFenced(lease)) return 'fenced';
    const fresh = this.#freshTasks(queue, tasks);
    if (fresh === undefined) return 'conflict';
    const now = this.#connection.clock.now();
    for (const { taskId, dedupeKey, data, expiresMs } of fresh) {
      this.#insert.run(queue, taskId, dedupeKey, expiresMs, now, data);
      this.#writer.noteRows(1, data.byteLength);
    }
    return 'committed';
  }

  /** The tasks that do not wait already, or undefined when an id is taken by other work. */
  #freshTasks(queue: string, tasks: readonly BacklogTask[]): readonly BacklogTask[] | undefined {
    const fresh = new Map<string, BacklogTask>();
    const ids = new Set<number>();
    for (const task of tasks) {
      if (fresh.has(task.dedupeKey) || this.#findDedupe.get(queue, task.dedupeKey)) continue;
      if (ids.has(task.taskId) || this.#findId.get(queue, task.taskId)) return undefined;
      fresh.set(task.dedupeKey, task);
      ids.add(task.taskId);
    }
    return [...fresh.values()];
  }
}
