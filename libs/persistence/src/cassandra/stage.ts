import type { ExecutionKey, Lease, StagedHistory } from '../api/execution-store.ts';
import { type CommitContext, checked } from './commit.ts';
import type { Statement } from './connect.ts';
import { NO_HEAD } from './heads.ts';
import type { LaneWrite, PreparedWrite } from './lane-write.ts';
import { behind, type Stamp } from './stamp.ts';
import { hints, histories, lists, runs } from './statements.ts';

/** History ahead of the commit that creates its run. The head it makes has no version. */
export class StageWrite implements LaneWrite {
  readonly lease: Lease;
  readonly subject: string;
  /** The history itself lies beside the partition. */
  readonly sizeBytes = 0;
  readonly #staged: StagedHistory;
  readonly #context: CommitContext;

  constructor(staged: StagedHistory, subject: string, context: CommitContext) {
    this.lease = staged.lease;
    this.subject = subject;
    this.#staged = staged;
    this.#context = context;
  }

  async prepare(stamp: Stamp): Promise<PreparedWrite | 'conflict'> {
    const { key, history } = this.#staged;
    const { heads, shards } = this.#context;
    const place = { partition: this.lease.partition, key, stamp };
    const later = { ...place, stamp: behind(stamp) };
    // A part that is repeated has a name of its own each time: the head knows the last one.
    const writeId = String(stamp);
    const [first] = history;
    const last = history.at(-1);
    return {
      ahead: [
        ...history.map((batch) => histories.put(place, checked(batch), writeId)),
        hints.putShard(place),
        hints.putOutstanding(place),
      ],
      batch: [
        runs.putStaged(place),
        ...(first && last
          ? [runs.putHistoryWrite(place, first.firstEventId, writeId), runs.putLastEvent(place, last.lastEventId)]
          : []),
      ],
      holds: async () => (await heads.read(place)).version === 0,
      committed: () => {
        shards.written(place);
        heads.remember(key, this.lease.rangeId, { ...NO_HEAD, isIndexed: true });
        return [];
      },
      dropped: () => {
        heads.forget(key);
        return history.map((batch) => histories.dropBatch(later, batch, writeId));
      },
    };
  }
}

/** Removes a run; what it has beside the partition is removed once it is gone. */
export class DeleteWrite implements LaneWrite {
  readonly lease: Lease;
  readonly subject: string;
  readonly sizeBytes = 0;
  readonly #key: ExecutionKey;
  readonly #context: CommitContext;
  #remains: readonly Statement[] = [];
  #stamp: Stamp = 0n;

  constructor(run: { readonly lease: Lease; readonly key: ExecutionKey }, subject: string, context: CommitContext) {
    this.lease = run.lease;
    this.#key = run.key;
    this.subject = subject;
    this.#context = context;
  }

  /** Known when the run is gone. */
  get remains(): readonly Statement[] {
    return this.#remains;
  }

  /** Behind the batch that removed the run. */
  get stamp(): Stamp {
    return behind(this.#stamp);
  }

  async prepare(stamp: Stamp): Promise<PreparedWrite> {
    const { connection, heads, shards } = this.#context;
    const key = this.#key;
    const place = { partition: this.lease.partition, key, stamp };
    const later = { ...place, stamp: behind(stamp) };
    const isCurrent = async (): Promise<boolean> => {
      const [row] = await connection.read<{ readonly current_run_id: string | null }>(
        runs.pointer(place.partition, key),
      );
      return row?.current_run_id === key.runId;
    };
    const [before, wasCurrent] = await Promise.all([heads.read(place), isCurrent()]);
    return {
      ahead: before.place ? [lists.vouch(place, before.place, 0n)] : [],
      batch: [runs.drop(place), ...(wasCurrent ? [runs.dropPointer(place)] : [])],
      holds: async () => !wasCurrent || (await isCurrent()),
      committed: () => {
        heads.forget(key);
        shards.forget(key);
        this.#stamp = stamp;
        this.#remains = [
          histories.drop(later),
          hints.dropOutstanding(later),
          ...(before.place ? [lists.drop(later, before.place)] : []),
          ...(before.wakeAtMs > 0 ? [hints.dropWake(later, before.wakeAtMs)] : []),
        ];
        return [];
      },
      dropped: () => [],
    };
  }
}
