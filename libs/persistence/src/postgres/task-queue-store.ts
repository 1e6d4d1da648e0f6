import type { CommitResult, Lease } from '../api/execution-store.ts';
import type { BacklogPosition, BacklogTask, TaskQueueStore } from '../api/task-queue-store.ts';
import { storable } from './values.ts';
import type { Connections } from './connect.ts';
import { taskQueueStatements as statements } from './statements.ts';
import type { Writer } from './writer.ts';

export class PostgresTaskQueueStore implements TaskQueueStore {
  readonly #connections: Connections;
  readonly #writer: Writer;

  constructor(connections: Connections, writer: Writer) {
    this.#connections = connections;
    this.#writer = writer;
  }

  append(lease: Lease, queue: string, tasks: readonly BacklogTask[]): Promise<CommitResult> {
    return this.#writer.submit({ kind: 'appendTasks', lease, queue, tasks });
  }

  async read(
    queue: string,
    level: number,
    { after, limit }: { readonly after: BacklogPosition; readonly limit: number },
  ): Promise<readonly BacklogTask[]> {
    const values = [storable(queue), level, after.pass, after.taskId, limit];
    const rows = await this.#connections.read(statements.read, values);
    return rows.map(([taskId, pass, fairnessKey, dedupeKey, data, expiresMs]) => {
      return { taskId, level, pass, fairnessKey, dedupeKey, data, expiresMs };
    });
  }

  remove(lease: Lease, queue: string, taskIds: readonly number[]): Promise<CommitResult> {
    return this.#writer.submit({ kind: 'removeTasks', lease, queue, taskIds });
  }

  async countByLevel(queue: string): Promise<ReadonlyMap<number, number>> {
    return new Map(await this.#connections.read(statements.count, [storable(queue)]));
  }

  async lastPass(queue: string, level: number, fairnessKey: string): Promise<number | undefined> {
    const [row] = await this.#connections.read(statements.lastPass, [storable(queue), level, storable(fairnessKey)]);
    return row?.[0] ?? undefined;
  }

  async readConfig(queue: string): Promise<Uint8Array | undefined> {
    return (await this.#connections.read(statements.readConfig, [storable(queue)]))[0]?.[0];
  }

  writeConfig(lease: Lease, queue: string, config: Uint8Array): Promise<CommitResult> {
    return this.#writer.submit({ kind: 'configure', lease, queue, config });
  }
}
