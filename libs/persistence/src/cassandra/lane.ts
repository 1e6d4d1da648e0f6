import type { Logger, Tracer } from '@duramesh/runtime';
import type { CommitResult, Lease, LeaseKind } from '../api/execution-store.ts';
import { StoreFault } from '../api/store.ts';
import { GROUP_LIMITS, GroupCommit, type WriteOutcome } from '../group-commit.ts';
import type { Connection } from './connect.ts';
import type { LaneWrite } from './lane-write.ts';
import { Round } from './round.ts';
import { type LaneStatements, laneStatements, type RangeRow } from './statements.ts';
import { StampClock } from './stamp.ts';
import type { Tidier } from './tidier.ts';

/**
 * Of one batch: it holds up what gathers behind it, and one of more than half a segment of the commit log (16 MiB, unless
 * configured) fails with a time-out.
 */
const MAX_BATCH_BYTES = 1_000_000;
const MAX_BATCH_WRITES = 128;
const ACQUIRE_LIMIT_MS = 10_000;
const ACQUIRE_PAUSE_MS = 50;

export interface LaneOptions {
  readonly kind: LeaseKind;
  readonly partition: number;
  readonly connection: Connection;
  readonly tidier: Tidier;
  readonly logger: Logger;
  readonly tracer?: Tracer | undefined;
}

/** Takes the lease behind the writes that came before it, and before those behind it. */
interface Acquisition {
  /** Where the range id seems to stand. */
  readonly expected: Promise<number>;
  granted(rangeId: number): void;
}

type LaneItem = LaneWrite | Acquisition;

/**
 * All writes of this process to one partition, in order: what comes while a batch is under way gathers and shares the
 * next one. A partition never has more than one batch under way, since they would only be in each other's way.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #statements: LaneStatements;
  readonly #stamps = new StampClock();
  readonly #queue: GroupCommit<LaneItem>;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#statements = laneStatements(options.kind);
    this.#queue = new GroupCommit({
      clock: options.connection.clock,
      tracer: options.tracer,
      ...GROUP_LIMITS,
      flush: (group) => this.#flush(group),
    });
  }

  /** Of the newest lease that this process has heard of. */
  get rangeId(): number {
    return this.#stamps.rangeId;
  }

  submit(write: LaneWrite): Promise<CommitResult> {
    return this.#queue.submit(write);
  }

  /** @throws StoreFault */
  async acquire(expected: Promise<number>): Promise<Lease> {
    let rangeId = 0;
    const result = await this.#queue.submit({ expected, granted: (granted) => void (rangeId = granted) });
    const { kind, partition, connection } = this.#options;
    if (result !== 'committed') throw new StoreFault('unavailable', `the store ${connection.shown} takes no writes`);
    return { kind, partition, rangeId };
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  async #flush(group: readonly LaneItem[]): Promise<readonly WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    while (outcomes.length < group.length) {
      const next = group[outcomes.length];
      if (next && 'expected' in next) outcomes.push(await this.#acquire(next));
      else outcomes.push(...(await this.#write(roundOf(group, outcomes.length))));
    }
    return outcomes;
  }

  /** What an older lease asks for is fenced already. */
  async #write(writes: readonly LaneWrite[]): Promise<readonly WriteOutcome[]> {
    for (const { lease } of writes) this.#stamps.heardOf(lease);
    const valid = writes.filter(({ lease }) => lease.rangeId === this.#stamps.rangeId);
    const stamp = this.#stamps.next();
    if (stamp === undefined) return writes.map(() => 'unknown');
    const round = new Round({ ...this.#options, stamp, rangeId: this.#stamps.rangeId, statements: this.#statements });
    const outcomes = await round.run(valid);
    return writes.map((write) => outcomes.get(write) ?? 'fenced');
  }

  async #acquire(acquisition: Acquisition): Promise<WriteOutcome> {
    const { connection, partition } = this.#options;
    const startedAt = connection.clock.monotonicMs();
    try {
      let from = Math.max(await acquisition.expected, this.rangeId);
      while ((await connection.conditional([this.#statements.raise(partition, from)])) !== 'applied') {
        const [row] = await connection.readSerial<RangeRow>(this.#statements.range(partition));
        const found = Number(row?.range_id ?? 0);
        if (found === from) await connection.clock.sleep(ACQUIRE_PAUSE_MS);
        from = found;
        if (connection.clock.monotonicMs() - startedAt < ACQUIRE_LIMIT_MS) continue;
        return new StoreFault(
          'unavailable',
          `the lease of ${partition} in ${connection.shown} cannot be taken: try again`,
        );
      }
      this.#stamps.heardOf({ rangeId: from + 1 });
      acquisition.granted(from + 1);
      return 'committed';
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

/** As many writes from there on as can share a batch: of different subjects, and no more than a batch carries. */
function roundOf(group: readonly LaneItem[], from: number): readonly LaneWrite[] {
  const round: LaneWrite[] = [];
  const subjects = new Set<string>();
  let bytes = 0;
  for (const item of group.slice(from, from + MAX_BATCH_WRITES)) {
    if ('expected' in item || subjects.has(item.subject)) break;
    bytes += item.sizeBytes;
    if (round.length > 0 && bytes > MAX_BATCH_BYTES) break;
    round.push(item);
    subjects.add(item.subject);
  }
  return round;
}
