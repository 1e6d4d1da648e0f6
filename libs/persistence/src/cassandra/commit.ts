import type { CurrentRunWrite, ExecutionWrite, HistoryBatch, Lease, RunWrite } from '../api/execution-store.ts';
import { StoreFault } from '../api/store.ts';
import { checkVisibility } from '../visibility-fields.ts';
import type { Connection, Statement } from './connect.ts';
import { type Head, type Heads, NO_HEAD } from './heads.ts';
import type { LaneWrite, PreparedWrite } from './lane-write.ts';
import { isSamePlace, type ListEntry, listEntry } from './list-entry.ts';
import type { Shards } from './shards.ts';
import { behind, type Stamp } from './stamp.ts';
import type { WakeFloor } from './wake-floor.ts';
import { hints, type HintPlace, histories, lists, runs } from './statements.ts';

/** Of one row: half a segment of the commit log as servers are configured. */
const MAX_ROW_BYTES = 15_000_000;

export interface CommitContext {
  readonly connection: Connection;
  readonly heads: Heads;
  readonly shards: Shards;
  readonly floor: WakeFloor;
}

/** A write of a run that its caller cannot change any more. */
interface OwnRun {
  readonly run: RunWrite;
  readonly entry: ListEntry | undefined;
}

/** A run with what is known of it before its write. */
interface RunChange extends HintPlace, OwnRun {
  readonly before: Head;
  /** What was known is also what is stored: it was not merely taken for granted that there is nothing. */
  readonly isBeforeSure: boolean;
  readonly writeId: string;
}

/** A transition of one or more runs of a workflow. */
export class CommitWrite implements LaneWrite {
  readonly lease: Lease;
  readonly subject: string;
  readonly sizeBytes: number;
  readonly #runs: readonly OwnRun[];
  readonly #current: CurrentRunWrite | undefined;
  readonly #context: CommitContext;

  constructor(write: ExecutionWrite, subject: string, context: CommitContext) {
    this.lease = write.lease;
    this.subject = subject;
    this.#runs = write.runs.map(ownRun);
    this.sizeBytes = this.#runs.reduce((bytes, own) => bytes + sizeOf(own), 0);
    this.#current = write.current;
    this.#context = context;
  }

  async prepare(stamp: Stamp): Promise<PreparedWrite | 'conflict'> {
    const changes = await Promise.all(this.#runs.map((own) => this.#change(own, stamp)));
    if (changes.some(({ run, before }) => run.expectedVersion !== before.version)) return 'conflict';
    const current = this.#current;
    const { partition } = this.lease;
    const { connection, heads } = this.#context;
    const pointer = current && { partition, key: current };
    return {
      ahead: changes.flatMap((change) => this.#ahead(change)),
      batch: [...changes.flatMap(inBatch), ...(pointer ? [runs.movePointer(pointer, current.expectedRunId)] : [])],
      holds: async () => {
        const stored = await Promise.all(changes.map((change) => heads.read(change)));
        if (stored.some((head, i) => head.version !== changes[i]?.run.expectedVersion)) return false;
        if (!current) return true;
        const [row] = await connection.read<{ readonly current_run_id: string | null }>(
          runs.pointer(partition, current),
        );
        return (row?.current_run_id ?? undefined) === current.expectedRunId;
      },
      committed: () => changes.flatMap((change) => this.#committed(change)),
      dropped: () => changes.flatMap((change) => this.#dropped(change)),
    };
  }

  async #change({ run, entry }: OwnRun, stamp: Stamp): Promise<RunChange> {
    const { rangeId, partition } = this.lease;
    const { heads } = this.#context;
    const place = { partition, key: run.key };
    const known = heads.known(run.key, rangeId);
    // A run that is new has a new id: that there is none is left to the batch to check.
    const before = known ?? (run.expectedVersion === 0 ? NO_HEAD : await heads.read(place));
    return {
      ...place,
      stamp,
      run,
      before,
      isBeforeSure: known !== undefined || run.expectedVersion > 0,
      writeId: before.writeId ?? String(stamp),
      entry,
    };
  }

  #ahead(change: RunChange): readonly Statement[] {
    const { run, before, writeId, entry } = change;
    const statements = run.history.map((batch) => histories.put(change, checked(batch), writeId));
    if (!this.#context.shards.isWritten(change)) statements.push(hints.putShard(change));
    if (run.wakeAtMs > 0 && run.wakeAtMs !== before.wakeAtMs) statements.push(hints.putWake(change, run.wakeAtMs));
    if (run.outstanding && !before.isIndexed) statements.push(hints.putOutstanding(change));
    if (entry) {
      statements.push(lists.put(change, entry));
      // From now on the head is asked, which tells the old place from the new one at any moment.
      if (before.place && !isSamePlace(before.place, entry.place)) {
        statements.push(lists.vouch(change, before.place, NOBODY));
      }
    }
    return statements;
  }

  #committed(change: RunChange): readonly Statement[] {
    const { run, before, entry, stamp, writeId } = change;
    const { shards, heads, floor } = this.#context;
    const later = { ...change, stamp: behind(stamp) };
    const statements: Statement[] = [];
    if (before.wakeAtMs > 0 && before.wakeAtMs !== run.wakeAtMs)
      statements.push(hints.dropWake(later, before.wakeAtMs));
    const isClosed = run.visibility?.closeTimeMs !== undefined;
    const isIndexed = run.outstanding || (before.isIndexed && !isClosed);
    if (before.isIndexed && !isIndexed) statements.push(hints.dropOutstanding(later));
    if (entry) {
      statements.push(lists.vouch(later, entry.place, stamp));
      if (before.place && !isSamePlace(before.place, entry.place)) statements.push(lists.drop(later, before.place));
    }
    floor.note(run.wakeAtMs);
    shards.written(change);
    heads.remember(run.key, this.lease.rangeId, {
      version: run.expectedVersion + 1,
      wakeAtMs: run.wakeAtMs,
      place: entry?.place ?? before.place,
      writeId: run.history.length > 0 ? writeId : before.writeId,
      isIndexed,
    });
    return statements;
  }

  #dropped(change: RunChange): readonly Statement[] {
    const { run, before, isBeforeSure, entry, stamp, writeId } = change;
    this.#context.heads.forget(run.key);
    const later = { ...change, stamp: behind(stamp) };
    const statements = run.history.map((batch) => histories.dropBatch(later, batch, writeId));
    if (entry && isBeforeSure && !isSamePlace(before.place, entry.place))
      statements.push(lists.drop(later, entry.place));
    return statements;
  }
}

/** No stamp: a row that is vouched for by nobody. */
const NOBODY: Stamp = 0n;

function inBatch(change: RunChange): readonly Statement[] {
  const { run, before, writeId, entry } = change;
  const statements = [runs.put(change, run)];
  const written = new Set(run.upserts.map(({ kind, key }) => `${kind}/${key}`));
  for (const item of run.deletes)
    if (!written.has(`${item.kind}/${item.key}`)) statements.push(runs.dropItem(change, item));
  for (const item of run.upserts) statements.push(runs.putItem(change, item));
  const [first] = run.history;
  const last = run.history.at(-1);
  if (first && last) {
    if (writeId !== before.writeId) statements.push(runs.putHistoryWrite(change, first.firstEventId, writeId));
    statements.push(runs.putLastEvent(change, last.lastEventId));
  }
  if (entry) statements.push(runs.putEntry(change, entry));
  return statements;
}

function ownRun(run: RunWrite): OwnRun {
  const { upserts, deletes, history, visibility } = run;
  if (visibility) checkVisibility(visibility);
  return {
    run: { ...run, upserts: [...upserts], deletes: [...deletes], history: [...history] },
    entry: visibility && listEntry(visibility),
  };
}

function sizeOf({ run, entry }: OwnRun): number {
  let bytes = run.info.byteLength + (entry?.text.length ?? 0);
  for (const item of run.upserts) bytes += item.data.byteLength;
  return bytes;
}

export function checked(batch: HistoryBatch): HistoryBatch {
  if (batch.data.byteLength <= MAX_ROW_BYTES) return batch;
  const text = `a batch of history from event ${batch.firstEventId} on is too large for Cassandra: ${batch.data.byteLength} bytes`;
  throw new StoreFault('full', text);
}
