import type { ExecutionKey } from './execution-store.ts';

/** Where a run belongs. */
export interface ShardMove {
  readonly key: ExecutionKey;
  readonly partition: number;
}

/**
 * Changes how many history shards there are, while no server runs. Each step may be repeated, so a change that was cut short
 * is made again from its beginning.
 */
export interface Resharding {
  /** Notes that there are to be so many: from then on no server starts on the database. */
  begin(shards: number): Promise<void>;
  /** Puts runs with all that is theirs into other shards; durable when it resolves. Who is there already stays. */
  move(moves: readonly ShardMove[]): Promise<void>;
  /** Every run is where it belongs: so many shards there are, and servers may start. */
  finish(shards: number): Promise<void>;
}
