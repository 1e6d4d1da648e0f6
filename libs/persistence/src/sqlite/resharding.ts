import type { Resharding, ShardMove } from '../api/resharding.ts';
import type { Connection } from './connect.ts';
import type { Statement } from './statements.ts';
import type { Writer } from './writer.ts';

/** The shard of a run is a column of its row, which nothing else names. */
export class SqliteResharding implements Resharding {
  readonly #connection: Connection;
  readonly #writer: Writer;

  constructor(connection: Connection, writer: Writer) {
    this.#connection = connection;
    this.#writer = writer;
  }

  begin(shards: number): Promise<void> {
    const want = this.#connection.prepare(
      `INSERT OR REPLACE INTO cluster_facts (name, value) VALUES ('shards_wanted', ?)`,
    );
    return this.#writer.submitOrThrow(() => void want.run(String(shards)));
  }

  move(moves: readonly ShardMove[]): Promise<void> {
    const move: Statement = this.#connection.prepare(
      'UPDATE executions SET shard = ? WHERE namespace_id = ? AND workflow_id = ? AND run_id = ?',
    );
    return this.#writer.submitOrThrow(() => {
      for (const { key, partition } of moves) move.run(partition, key.namespaceId, key.workflowId, key.runId);
    });
  }

  finish(shards: number): Promise<void> {
    const set = this.#connection.prepare('UPDATE cluster SET history_shards = ?');
    const done = this.#connection.prepare(`DELETE FROM cluster_facts WHERE name = 'shards_wanted'`);
    return this.#writer.submitOrThrow(() => {
      set.run(shards);
      done.run();
    });
  }
}
