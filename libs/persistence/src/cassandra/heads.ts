import type { ExecutionKey } from '../api/execution-store.ts';
import type { Connection } from './connect.ts';
import { type ListPlace, listPlace } from './list-entry.ts';
import { Recent } from '../recent.ts';
import { type HeadRow, runs, type RunPlace } from './statements.ts';

const MAX_HEADS = 50_000;

/** What the next write of a run has to know of the one before. */
export interface Head {
  /** 0 when there is no such run, or only a staged history. */
  readonly version: number;
  readonly wakeAtMs: number;
  readonly place: ListPlace | undefined;
  /**
   * Under which name this process writes its history. It is kept only while every write came through: so no other rows of
   * that name can be in the way, and the head need not name it again.
   */
  readonly writeId: string | undefined;
  /** There is an entry of this process in the index of outstanding runs. It may stay while the run is open. */
  readonly isIndexed: boolean;
}

export const NO_HEAD: Head = {
  version: 0,
  wakeAtMs: 0,
  place: undefined,
  writeId: undefined,
  isIndexed: false,
};

interface Known {
  readonly rangeId: number;
  readonly head: Head;
}

export const runName = (key: ExecutionKey): string => `${key.namespaceId}\0${key.workflowId}\0${key.runId}`;

/** Heads of runs as this process wrote them last, which is what they are while it holds the lease it wrote them under. */
export class Heads {
  readonly #connection: Connection;
  readonly #known: Recent<Known>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#known = new Recent(MAX_HEADS);
  }

  known(key: ExecutionKey, rangeId: number): Head | undefined {
    const known = this.#known.get(runName(key));
    return known?.rangeId === rangeId ? known.head : undefined;
  }

  remember(key: ExecutionKey, rangeId: number, head: Head): void {
    this.#known.set(runName(key), { rangeId, head });
  }

  forget(key: ExecutionKey): void {
    this.#known.delete(runName(key));
  }

  /** As it is stored. @throws StoreFault */
  async read(place: RunPlace): Promise<Head> {
    const [row] = await this.#connection.read<HeadRow>(runs.head(place));
    return row ? headOf(row) : NO_HEAD;
  }
}

function headOf(row: HeadRow): Head {
  return {
    ...NO_HEAD,
    version: row.version ?? 0,
    wakeAtMs: row.wake_at ?? 0,
    place: placeOf(row),
  };
}

export const placeOf = (row: Pick<HeadRow, 'run_id' | 'close_key' | 'start_key'>): ListPlace | undefined =>
  row.close_key === null || row.start_key === null ? undefined : listPlace(row.run_id, row.close_key, row.start_key);
