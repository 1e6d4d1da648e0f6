import type { Resharding, ShardMove } from '../api/resharding.ts';
import { render, sql } from './literals.ts';
import type { Writer } from './writer.ts';

/** Statements of one packet. */
const CHUNK = 100;

/** The shard of a run stands in its row, and beside it in the list of those that wait for immediate work. */
export class MysqlResharding implements Resharding {
  readonly #writer: Writer;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  async begin(shards: number): Promise<void> {
    await this.#writer.runAlone([
      render(sql`INSERT INTO cluster_facts (name, value) VALUES ('shards_wanted', ${String(shards)})
        ON DUPLICATE KEY UPDATE value = VALUES(value)`),
    ]);
  }

  async move(moves: readonly ShardMove[]): Promise<void> {
    for (let at = 0; at < moves.length; at += CHUNK) {
      const chunk = moves.slice(at, at + CHUNK);
      await this.#writer.runAlone(chunk.flatMap(movesOf), chunk.length);
    }
  }

  async finish(shards: number): Promise<void> {
    await this.#writer.runAlone([
      render(sql`UPDATE cluster SET history_shards = ${shards}`),
      `DELETE FROM cluster_facts WHERE name = 'shards_wanted'`,
    ]);
  }
}

function movesOf({ key: { namespaceId, workflowId, runId }, partition }: ShardMove): readonly string[] {
  const isIt = sql`namespace_id = ${namespaceId} AND workflow_id = ${workflowId} AND run_id = ${runId}`;
  return [
    render(sql`UPDATE executions SET shard = ${partition} WHERE ${isIt}`),
    render(sql`UPDATE outstanding_runs SET shard = ${partition} WHERE ${isIt}`),
  ];
}
