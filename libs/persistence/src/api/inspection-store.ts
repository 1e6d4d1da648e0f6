import type { TimestampMs } from '@duramesh/runtime';
import type { ExecutionKey } from './execution-store.ts';

/** A run as its row says it, beside what `readRun` tells. */
export interface RunRecord {
  readonly key: ExecutionKey;
  readonly partition: number;
  /** 0 for a run whose history was staged and that no commit has created yet. */
  readonly version: number;
  /** 0 means never. */
  readonly wakeAtMs: TimestampMs;
  readonly outstanding: boolean;
}

/** Which run of a workflow id is the current one. */
export interface CurrentRun {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
}

/** Rows that belong to no run: nobody reads them, and they mean that something was lost or left behind. */
export interface Orphan {
  readonly what: 'items' | 'history' | 'list entry' | 'search attributes';
  /** Names them as the store does, the same each time. */
  readonly where: string;
}

export interface InspectedRange {
  /** All of them when undefined. */
  readonly namespaceId: string | undefined;
  /** Of this workflow id only; not without a namespace. */
  readonly workflowId: string | undefined;
  /** Where the page before said that it goes on; undefined for the first one. */
  readonly after: string | undefined;
  readonly limit: number;
}

export interface InspectedPage<T> {
  readonly rows: readonly T[];
  /** Where the next page begins, opaque to callers; undefined when there is none. A page may be short, or empty, before the end. */
  readonly next: string | undefined;
}

/**
 * Reads everything there is, for those who check it: all shards, in an order of the store's own, beside servers that go on
 * writing. What stays as it is while the pages are read is on exactly one of them. Nothing of it is on the way of a request.
 */
export interface InspectionStore {
  runs(range: InspectedRange): Promise<InspectedPage<RunRecord>>;
  /** One of them, as it is now. */
  run(key: ExecutionKey): Promise<RunRecord | undefined>;
  currentRuns(range: InspectedRange): Promise<InspectedPage<CurrentRun>>;
  /** The first ones found, by what a reader would take them for. */
  orphans(limit: number): Promise<readonly Orphan[]>;
}
