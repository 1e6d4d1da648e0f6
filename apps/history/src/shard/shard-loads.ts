import type { CommitResult } from '@duramesh/persistence';
import { type Clock, RateWindow } from '@duramesh/runtime';

/** What one shard has to do. */
export interface ShardLoad {
  /** Decisions under way, until they are written. */
  running: number;
  /** Decisions that wait for another one about the same key. */
  waiting: number;
  readonly transitions: RateWindow;
}

/** How busy the shards are, counted as they work: whoever looks adds nothing to it. */
export class ShardLoads {
  readonly #clock: Clock;
  readonly #loads = new Map<number, ShardLoad>();
  #lastCommitMs = -1;
  #unknownCommits = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(shard: number): ShardLoad {
    let load = this.#loads.get(shard);
    if (!load) {
      load = { running: 0, waiting: 0, transitions: new RateWindow(this.#clock.now()) };
      this.#loads.set(shard, load);
    }
    return load;
  }

  /** A shard without one has not had anything to do. */
  peek(shard: number): ShardLoad | undefined {
    return this.#loads.get(shard);
  }

  transition(shard: number): void {
    this.of(shard).transitions.add(this.#clock.now());
  }

  async timed(commit: Promise<CommitResult>): Promise<CommitResult> {
    const beganMs = this.#clock.monotonicMs();
    const result = await commit;
    this.#lastCommitMs = this.#clock.monotonicMs() - beganMs;
    if (result === 'unknown') this.#unknownCommits += 1;
    return result;
  }

  get commits(): { readonly lastMs: number; readonly unknown: number } {
    return { lastMs: this.#lastCommitMs, unknown: this.#unknownCommits };
  }
}
