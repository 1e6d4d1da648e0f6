import { compareKeywords } from '@duramesh/visibility';
import type { ExecutionKey } from '../api/execution-store.ts';
import type {
  CurrentRun,
  InspectedPage,
  InspectedRange,
  InspectionStore,
  Orphan,
  RunRecord,
} from '../api/inspection-store.ts';
import { type MemoryDatabase, runName, type RunRow, workflowName } from './database.ts';
import type { Link } from './link.ts';

export class MemoryInspectionStore implements InspectionStore {
  readonly #database: MemoryDatabase;
  readonly #link: Link;

  constructor(database: MemoryDatabase, link: Link) {
    this.#database = database;
    this.#link = link;
  }

  runs(range: InspectedRange): Promise<InspectedPage<RunRecord>> {
    return this.#link.read('inspect', () => pageOf(this.#database.runs, range, (name, row) => this.#record(name, row)));
  }

  run(key: ExecutionKey): Promise<RunRecord | undefined> {
    return this.#link.read('inspect', () => {
      const name = runName(key);
      const row = this.#database.runs.get(name);
      return row && this.#record(name, row);
    });
  }

  currentRuns(range: InspectedRange): Promise<InspectedPage<CurrentRun>> {
    return this.#link.read('inspect', () =>
      pageOf(this.#database.current, range, (name, runId) => {
        const [namespaceId = '', workflowId = ''] = name.split('\0');
        return { namespaceId, workflowId, runId };
      }),
    );
  }

  /** Whatever belongs to a run is in its row here. */
  orphans(): Promise<readonly Orphan[]> {
    return this.#link.read('inspect', () => []);
  }

  #record(name: string, { key, partition, version, wakeAtMs }: RunRow): RunRecord {
    return { key, partition, version, wakeAtMs, outstanding: this.#database.outstanding.has(name) };
  }
}

function pageOf<V, T>(
  all: ReadonlyMap<string, V>,
  { namespaceId, workflowId, after, limit }: InspectedRange,
  rowOf: (name: string, value: V) => T,
): InspectedPage<T> {
  const start = namespaceId === undefined ? '' : `${namespaceId}\0`;
  const workflow = workflowId === undefined ? undefined : workflowName(namespaceId ?? '', workflowId);
  const isWanted = (name: string): boolean =>
    name.startsWith(start) &&
    (workflow === undefined || name === workflow || name.startsWith(`${workflow}\0`)) &&
    (after === undefined || compareKeywords(name, after) > 0);
  const names = [...all.keys()].filter(isWanted).sort(compareKeywords).slice(0, limit);
  const rows = names.flatMap((name) => {
    const value = all.get(name);
    return value === undefined ? [] : [rowOf(name, value)];
  });
  return { rows, next: names.length === limit ? names.at(-1) : undefined };
}
