import type { Resharding, ShardMove } from '../api/resharding.ts';
import { type MemoryDatabase, runName } from './database.ts';
import type { Link } from './link.ts';

export class MemoryResharding implements Resharding {
  readonly #database: MemoryDatabase;
  readonly #link: Link;

  constructor(database: MemoryDatabase, link: Link) {
    this.#database = database;
    this.#link = link;
  }

  begin(shards: number): Promise<void> {
    return this.#change((database) => {
      if (database.cluster) database.cluster = { ...database.cluster, shardsWanted: shards };
    });
  }

  move(moves: readonly ShardMove[]): Promise<void> {
    return this.#change((database) => {
      for (const { key, partition } of moves) {
        const run = database.runs.get(runName(key));
        if (run) run.partition = partition;
      }
    });
  }

  finish(shards: number): Promise<void> {
    return this.#change((database) => {
      if (database.cluster === undefined) return;
      const { shardsWanted: _done, ...facts } = database.cluster;
      database.cluster = { ...facts, historyShards: shards };
    });
  }

  async #change(apply: (database: MemoryDatabase) => void): Promise<void> {
    await this.#link.writeOrThrow('reshard', () => {
      apply(this.#database);
      return {};
    });
  }
}
