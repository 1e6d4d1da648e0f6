import type { Resharding, ShardMove } from '../api/resharding.ts';
import { StoreFault } from '../api/store.ts';
import { type Connections, FateUnknown, type Value } from './connect.ts';
import { reshardingStatements as statements, type Statement } from './statements.ts';
import { numberArray, textArray } from './values.ts';

/** The shard of a run is a column of its row, which nothing else names. */
export class PostgresResharding implements Resharding {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  begin(shards: number): Promise<void> {
    return this.#write(statements.begin, [String(shards)]);
  }

  move(moves: readonly ShardMove[]): Promise<void> {
    return this.#write(statements.move, [
      textArray(moves.map(({ key }) => key.namespaceId)),
      textArray(moves.map(({ key }) => key.workflowId)),
      textArray(moves.map(({ key }) => key.runId)),
      numberArray(moves.map(({ partition }) => partition)),
    ]);
  }

  finish(shards: number): Promise<void> {
    return this.#write(statements.finish, [shards]);
  }

  /** What is written here may be written twice: whoever does not know the outcome begins again. */
  async #write(statement: Statement, values: readonly Value[]): Promise<void> {
    try {
      await this.#connections.write(statement, values);
    } catch (error) {
      throw error instanceof FateUnknown && error.cause instanceof StoreFault ? error.cause : error;
    }
  }
}
