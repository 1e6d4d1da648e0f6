import type {
  CurrentRun,
  ExecutionKey,
  InspectedPage,
  InspectedRange,
  RunRecord,
  Store,
  VisibilityRow,
} from '@duramesh/persistence';
import { StoreFault } from '@duramesh/persistence';
import { archetypeOf } from '@duramesh/contracts';
import type { ExecutionInfo } from '@duramesh/proto';
import type { Clock } from '@duramesh/runtime';
import { type Broken, type Finding, guarded } from './broken.ts';
import { checkIsCurrent, checkIsFound, checkIsThere } from './check-current-run.ts';
import { checkEntity } from './check-entity.ts';
import { checkFilters } from './check-filters.ts';
import { checkListEntry } from './check-list-entry.ts';
import { checkStoredRun } from './check-run.ts';
import { checkShard } from './check-shard.ts';
import { decodeRun } from './decode-run.ts';
import { readRun, type StoredFacts } from './read-run.ts';

const PAGE = 200;
const AT_ONCE = 8;
const ORPHANS_SHOWN = 100;
const CONFIRM_AFTER_MS = 250;

export interface InspectionOptions {
  readonly clock: Clock;
  /** What lists are to show of a run. */
  readonly listEntryOf: (info: ExecutionInfo) => VisibilityRow;
  /** All of them when undefined. */
  readonly namespaceId?: string | undefined;
  /** Of this workflow id only; not without a namespace. */
  readonly workflowId?: string | undefined;
  readonly onFinding: (finding: Finding) => void;
  readonly onProgress?: (counts: InspectionCounts) => void;
  /** What looks broken is read again so much later before it is told: half of a change may have been seen. */
  readonly confirmAfterMs?: number;
  /** Ends the inspection early; it then rejects with the reason. */
  readonly signal?: AbortSignal;
}

export interface InspectionCounts {
  readonly runs: number;
  readonly events: number;
  readonly currentRuns: number;
  readonly findings: number;
  /** Runs that were written whenever they were looked at, and are not judged. */
  readonly unsettled: number;
}

/** Reads everything in a store and checks it, beside servers that go on; writes nothing. @throws StoreFault */
export async function inspectStore(store: Store, options: InspectionOptions): Promise<InspectionCounts> {
  const facts = await store.cluster.read();
  const inspector = new Inspector(store, { ...options, shards: facts?.historyShards });
  const { inspection } = store;
  await inspector.each<RunRecord>(
    (range) => inspection.runs(range),
    (record) => inspector.checkRun(record),
  );
  await inspector.each<CurrentRun>(
    (range) => inspection.currentRuns(range),
    (pointer) => inspector.checkPointer(pointer),
  );
  if (options.namespaceId === undefined) await inspector.checkOrphans();
  return inspector.counts;
}

class Inspector {
  readonly #store: Store;
  readonly #options: InspectionOptions & { readonly shards: number | undefined };
  readonly #counts = { runs: 0, events: 0, currentRuns: 0, findings: 0, unsettled: 0 };

  constructor(store: Store, options: InspectionOptions & { readonly shards: number | undefined }) {
    this.#store = store;
    this.#options = options;
  }

  get counts(): InspectionCounts {
    return { ...this.#counts };
  }

  /** Several rows at once, so that a database on another machine is not waited for row by row. */
  async each<T>(
    read: (range: InspectedRange) => Promise<InspectedPage<T>>,
    check: (row: T) => Promise<void>,
  ): Promise<void> {
    const { namespaceId, workflowId, signal, onProgress } = this.#options;
    let after: string | undefined;
    do {
      const page = await read({ namespaceId, workflowId, after, limit: PAGE });
      const rows = page.rows.values();
      const work = async (): Promise<void> => {
        for (const row of rows) {
          signal?.throwIfAborted();
          await check(row);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      onProgress?.(this.counts);
      after = page.next;
    } while (after !== undefined);
  }

  async checkRun(record: RunRecord): Promise<void> {
    this.#counts.runs += 1;
    await this.#check(record.key, async () => {
      const reading = await readRun(this.#store, record);
      switch (reading.kind) {
        case 'gone':
          return [];
        case 'unsettled':
          this.#counts.unsettled += 1;
          return [];
        case 'staged':
          return checkIsFound(reading.record);
        case 'read':
          return [
            ...checkShard(reading.facts.record, this.#options.shards),
            ...(await this.#checkFacts(reading.facts)),
          ];
      }
    });
  }

  async checkPointer(pointer: CurrentRun): Promise<void> {
    this.#counts.currentRuns += 1;
    const { namespaceId, workflowId } = pointer;
    const { executions, inspection } = this.#store;
    await this.#check(pointer, async () => {
      const runId = await executions.readCurrentRunId(namespaceId, workflowId);
      // Deleted meanwhile, or moved on.
      return runId === pointer.runId ? checkIsThere(await inspection.run({ namespaceId, workflowId, runId })) : [];
    });
  }

  async checkOrphans(): Promise<void> {
    const find = () => this.#store.inspection.orphans(ORPHANS_SHOWN);
    const first = await find();
    if (first.length === 0) return;
    await this.#pause();
    const seen = new Set(first.map(({ what, where }) => `${what} ${where}`));
    for (const { what, where } of await find()) {
      if (!seen.has(`${what} ${where}`)) continue;
      this.#tell(NOWHERE, { claim: 'S9', text: `${what} without a run: ${where}` });
    }
  }

  async #checkFacts({ record, stored, history, shown, currentRunId }: StoredFacts): Promise<readonly Broken[]> {
    const archetype = archetypeOf(record.key.namespaceId);
    if (archetype !== undefined) return checkEntity({ stored, record }, archetype, shown);
    const decoding = decodeRun(stored, history);
    if (decoding.kind === 'unreadable') return decoding.broken;
    const { run } = decoding;
    this.#counts.events += run.state.info.nextEventId - 1;
    const broken = [...checkStoredRun(run, record), ...guarded('S8', () => checkIsCurrent(run, currentRunId))];
    const expected = this.#options.listEntryOf(run.state.info);
    const entry = guarded('S6', () => checkListEntry(shown, expected));
    return [...broken, ...entry, ...(entry.length === 0 ? await checkFilters(this.#store, run.key, expected) : [])];
  }

  #pause(): Promise<void> {
    return this.#options.clock.sleep(this.#options.confirmAfterMs ?? CONFIRM_AFTER_MS);
  }

  /** What two looks find, one a moment after the other, is so. */
  async #check(key: ExecutionKey, look: () => Promise<readonly Broken[]>): Promise<void> {
    const first = await this.#overDamage(look);
    if (first.length === 0) return;
    await this.#pause();
    const again = await this.#overDamage(look);
    for (const broken of again) if (first.some(({ claim }) => claim === broken.claim)) this.#tell(key, broken);
  }

  /** Rows that the database cannot give back are a finding; a database that is away is not. */
  async #overDamage(look: () => Promise<readonly Broken[]>): Promise<readonly Broken[]> {
    try {
      return await look();
    } catch (error) {
      if (error instanceof StoreFault && error.code === 'corrupt') return [{ claim: 'S1', text: error.message }];
      throw error;
    }
  }

  #tell({ namespaceId, workflowId, runId }: ExecutionKey, broken: Broken): void {
    this.#counts.findings += 1;
    this.#options.onFinding({ ...broken, key: { namespaceId, workflowId, runId } });
  }
}

const NOWHERE: ExecutionKey = { namespaceId: '', workflowId: '', runId: '' };
