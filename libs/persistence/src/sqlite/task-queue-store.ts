import type { CommitResult, Lease } from '../api/execution-store.ts';
import type { BacklogPosition, BacklogTask, TaskQueueStore } from '../api/task-queue-store.ts';
import type { Connection } from './connect.ts';
import type { Statement } from './statements.ts';
import type { Writer } from './writer.ts';

type BacklogRow = [
  taskId: number,
  pass: number,
  fairnessKey: string,
  dedupeKey: string,
  data: Uint8Array,
  expiresMs: number,
];

export class SqliteTaskQueueStore implements TaskQueueStore {
  readonly #connection: Connection;
  readonly #writer: Writer;
  readonly #findId: Statement<[number]>;
  readonly #findDedupe: Statement<[number]>;
  readonly #insert: Statement;
  readonly #delete: Statement;
  readonly #read: Statement<BacklogRow>;
  readonly #count: Statement<[level: number, count: number]>;
  readonly #lastPass: Statement<[pass: number | null]>;
  readonly #readConfig: Statement<[data: Uint8Array]>;
  readonly #writeConfig: Statement;

  constructor(connection: Connection, writer: Writer) {
    this.#connection = connection;
    this.#writer = writer;
    this.#findId = connection.prepare('SELECT 1 FROM backlog_tasks WHERE queue = ? AND task_id = ?');
    this.#findDedupe = connection.prepare('SELECT 1 FROM backlog_tasks WHERE queue = ? AND dedupe_key = ?');
    this.#insert = connection.prepare(
      `INSERT INTO backlog_tasks (queue, task_id, level, pass, fairness_key, dedupe_key, expires_at, created_at, data)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#delete = connection.prepare('DELETE FROM backlog_tasks WHERE queue = ? AND task_id = ?');
    this.#read = connection.prepare(
      `SELECT task_id, pass, fairness_key, dedupe_key, data, expires_at FROM backlog_tasks
       WHERE queue = ? AND level = ? AND (pass, task_id) > (?, ?) ORDER BY pass, task_id LIMIT ?`,
    );
    this.#count = connection.prepare('SELECT level, count(*) FROM backlog_tasks WHERE queue = ? GROUP BY level');
    this.#lastPass = connection.prepare(
      'SELECT max(pass) FROM backlog_tasks WHERE queue = ? AND level = ? AND fairness_key = ?',
    );
    this.#readConfig = connection.prepare('SELECT data FROM task_queue_configs WHERE queue = ?');
    this.#writeConfig = connection.prepare('INSERT OR REPLACE INTO task_queue_configs (queue, data) VALUES (?, ?)');
  }

  append(lease: Lease, queue: string, tasks: readonly BacklogTask[]): Promise<CommitResult> {
    return this.#writer.submit({ apply: () => this.#append(lease, queue, tasks) });
  }

  read(
    queue: string,
    level: number,
    { after, limit }: { readonly after: BacklogPosition; readonly limit: number },
  ): Promise<readonly BacklogTask[]> {
    return this.#connection.read(() =>
      this.#read
        .all(queue, level, after.pass, after.taskId, limit)
        .map(([taskId, pass, fairnessKey, dedupeKey, data, expiresMs]) => {
          return { taskId, level, pass, fairnessKey, dedupeKey, data, expiresMs };
        }),
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

  countByLevel(queue: string): Promise<ReadonlyMap<number, number>> {
    return this.#connection.read(() => new Map(this.#count.all(queue)));
  }

  lastPass(queue: string, level: number, fairnessKey: string): Promise<number | undefined> {
    return this.#connection.read(() => this.#lastPass.get(queue, level, fairnessKey)?.[0] ?? undefined);
  }

  readConfig(queue: string): Promise<Uint8Array | undefined> {
    return this.#connection.read(() => this.#readConfig.get(queue)?.[0]);
  }

  writeConfig(lease: Lease, queue: string, config: Uint8Array): Promise<CommitResult> {
    return this.#writer.submit({
      apply: () => {
        if (this.#writer.isFenced(lease)) return 'fenced';
        this.#writeConfig.run(queue, config);
        this.#writer.noteRows(1, config.byteLength);
        return 'committed';
      },
    });
  }

  #append(lease: Lease, queue: string, tasks: readonly BacklogTask[]): CommitResult {
    if (this.#writer.isFenced(lease)) return 'fenced';
    const fresh = this.#freshTasks(queue, tasks);
    if (fresh === undefined) return 'conflict';
    const now = this.#connection.clock.now();
    for (const { taskId, level, pass, fairnessKey, dedupeKey, data, expiresMs } of fresh) {
      this.#insert.run(queue, taskId, level, pass, fairnessKey, dedupeKey, expiresMs, now, data);
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
