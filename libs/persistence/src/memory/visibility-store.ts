import { compareKeywords, type ListFilter, matchesCondition } from '@duramesh/visibility';
import type { CountResult, ListCursor, ListPage, VisibilityRow, VisibilityStore } from '../api/visibility-store.ts';
import { countGroups, fieldOf, pageOf } from '../visibility-fields.ts';
import type { MemoryDatabase } from './database.ts';
import type { Link } from './link.ts';

export class MemoryVisibilityStore implements VisibilityStore {
  readonly #database: MemoryDatabase;
  readonly #link: Link;

  constructor(database: MemoryDatabase, link: Link) {
    this.#database = database;
    this.#link = link;
  }

  list(
    namespaceId: string,
    filter: ListFilter,
    page: { readonly size: number; readonly after: ListCursor | undefined },
  ): Promise<ListPage> {
    return this.#link.read('list', () => {
      const { size, after } = page;
      const matching = this.#matching(namespaceId, filter);
      const rest = after ? matching.filter((row) => compareCursors(row, after) > 0) : matching;
      const rows = rest.sort(compareCursors).slice(0, size);
      return pageOf(rows.map(listed), size);
    });
  }

  count(namespaceId: string, filter: ListFilter): Promise<CountResult> {
    return this.#link.read('count', () => {
      const rows = this.#matching(namespaceId, filter);
      const { groupBy } = filter;
      if (groupBy === undefined) return { count: rows.length, groups: [] };
      const counts = new Map<string, number>();
      for (const row of rows) {
        const value = String(fieldOf(row, groupBy)?.value ?? '');
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      return { count: rows.length, groups: countGroups(counts) };
    });
  }

  listClosedBefore(
    namespaceId: string,
    closeTimeMs: number,
    limit: number,
  ): Promise<readonly { readonly workflowId: string; readonly runId: string }[]> {
    return this.#link.read('listClosedBefore', () => {
      const closed = this.#rows(namespaceId).filter((row) => (row.closeTimeMs ?? Infinity) <= closeTimeMs);
      const oldestFirst = closed.sort((a, b) => compareCursors(b, a)).slice(0, limit);
      return oldestFirst.map(({ workflowId, runId }) => ({ workflowId, runId }));
    });
  }

  #matching(namespaceId: string, filter: ListFilter): VisibilityRow[] {
    return this.#rows(namespaceId).filter((row) => matchesCondition(filter.where, (field) => fieldOf(row, field)));
  }

  #rows(namespaceId: string): VisibilityRow[] {
    const rows: VisibilityRow[] = [];
    for (const { visibility } of this.#database.runs.values()) {
      if (visibility?.namespaceId === namespaceId) rows.push(visibility);
    }
    return rows;
  }
}

/** Open runs first, then by close time, start time (latest first) and run id. */
function compareCursors(a: ListCursor, b: ListCursor): number {
  const aClose = a.closeTimeMs ?? Infinity;
  const bClose = b.closeTimeMs ?? Infinity;
  if (aClose !== bClose) return aClose > bClose ? -1 : 1;
  return b.startTimeMs - a.startTimeMs || compareKeywords(a.runId, b.runId);
}

const noAttributes: VisibilityRow['searchAttributes'] = new Map();

/** Lists give attributes encoded only. */
const listed = (row: VisibilityRow): VisibilityRow => ({ ...row, searchAttributes: noAttributes });
