import type { CommitResult, Lease } from '../api/execution-store.ts';
import type { BacklogPosition, BacklogTask, TaskQueueStore } from '../api/task-queue-store.ts';
import type { Database } from './connect.ts';
import { isBehind, sql, textIn } from './literals.ts';
import type { Writer } from './writer.ts';

type BacklogRow = [
  taskId: number,
  pass: number,
  fairnessKey: Uint8Array,
  dedupeKey: Uint8Array,
  data: Uint8Array,
  expiresMs: number,
];

export class MysqlTaskQueueStore implements TaskQueueStore {
  readonly #database: Database;
  readonly #writer: Writer;

  constructor(database: Database, writer: Writer) {
    this.#database = database;
    this.#writer = writer;
  }

  append(lease: Lease, queue: string, tasks: readonly BacklogTask[]): Promise<CommitResult> {
    return this.#writer.submit({ kind: 'append', lease, queue, tasks });
  }

  async read(
    queue: string,
    level: number,
    { after, limit }: { readonly after: BacklogPosition; readonly limit: number },
  ): Promise<readonly BacklogTask[]> {
    const { pass, taskId } = after;
    const rows = await this.#database.read<BacklogRow>(
      sql`SELECT task_id, pass, fairness_key, dedupe_key, data, expires_at
        FROM backlog_tasks FORCE INDEX (backlog_tasks_order)
        WHERE queue = ${queue} AND level = ${level} AND ${isBehind(['pass', 'task_id'], [pass, taskId])}
        ORDER BY pass, task_id LIMIT ${limit}`,
    );
    return rows.map(([id, ownPass, fairnessKey, dedupeKey, data, expiresMs]) => ({
      taskId: id,
      level,
      pass: ownPass,
      fairnessKey: textIn(fairnessKey),
      dedupeKey: textIn(dedupeKey),
      data,
      expiresMs,
    }));
  }

  remove(lease: Lease, queue: string, taskIds: readonly number[]): Promise<CommitResult> {
    return this.#writer.submit({ kind: 'remove', lease, queue, taskIds });
  }

  async countByLevel(queue: string): Promise<ReadonlyMap<number, number>> {
    const rows = await this.#database.read<[level: number, count: number]>(
      sql`SELECT level, count(*) FROM backlog_tasks WHERE queue = ${queue} GROUP BY level`,
    );
    return new Map(rows);
  }

  async lastPass(queue: string, level: number, fairnessKey: string): Promise<number | undefined> {
    const [row] = await this.#database.read<[pass: number | null]>(
      sql`SELECT max(pass) FROM backlog_tasks
        WHERE queue = ${queue} AND level = ${level} AND fairness_key = ${fairnessKey}`,
    );
    return row?.[0] ?? undefined;
  }

  async readConfig(queue: string): Promise<Uint8Array | undefined> {
    const [row] = await this.#database.read<[data: Uint8Array]>(
      sql`SELECT data FROM task_queue_configs WHERE queue = ${queue}`,
    );
    return row?.[0];
  }

  writeConfig(lease: Lease, queue: string, config: Uint8Array): Promise<CommitResult> {
    return this.#writer.submit({ kind: 'configure', lease, queue, config });
  }
}
