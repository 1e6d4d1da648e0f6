import { archetypeOf } from '@duramesh/contracts';
import { visibilityRow } from '@duramesh/history';
import {
  type Broken,
  checkEntity,
  checkIsCurrent,
  checkIsFound,
  checkIsThere,
  checkListEntry,
  checkStoredRun,
  decodeRun,
  eventsOf,
} from '@duramesh/invariants';
import type { RunRecord } from '@duramesh/persistence';
import type { MemoryDatabase } from '@duramesh/persistence/memory';
import type { Run, StoredRow } from './runs.ts';

/** All runs that can be read, and what does not hold of what is stored, in words. */
export interface Stored {
  readonly runs: readonly Run[];
  readonly broken: readonly string[];
}

/** What holds of everything stored, whoever wrote it and why. @returns what is broken in words */
export const checkStored = (database: MemoryDatabase): readonly string[] => readStored(database).broken;

export function readStored(database: MemoryDatabase): Stored {
  const runs: Run[] = [];
  const broken: string[] = [];
  const tell = (where: string, found: readonly Broken[]): void => {
    for (const { claim, text } of found) broken.push(`${where}: ${claim === 'R' ? '' : `${claim}: `}${text}`);
  };
  for (const [name, row] of database.runs) {
    const { workflowId, runId } = row.key;
    const where = `${workflowId}/${runId}`;
    const record = recordOf(database, name, row);
    if (row.version === 0) {
      tell(where, checkIsFound(record));
      continue;
    }
    const stored = { ...row, items: [...row.items.values()] };
    const shown = row.visibility ? [row.visibility] : [];
    const archetype = archetypeOf(row.key.namespaceId);
    if (archetype !== undefined) {
      tell(where, checkEntity({ stored, record }, archetype, shown));
      continue;
    }
    const decoding = decodeRun(stored, row.history);
    if (decoding.kind === 'unreadable') {
      tell(where, decoding.broken);
      continue;
    }
    const { run } = decoding;
    const currentRunId = database.current.get(name.slice(0, name.lastIndexOf('\0')));
    tell(where, checkStoredRun(run, record));
    tell(where, checkIsCurrent(run, currentRunId));
    tell(where, checkListEntry(shown, visibilityRow(run.state.info)));
    runs.push({ workflowId, runId, state: run.state, events: eventsOf(run) });
  }
  for (const [name, runId] of database.current) {
    const runName = `${name}\0${runId}`;
    const row = database.runs.get(runName);
    const record = row && recordOf(database, runName, row);
    tell(`${name.slice(name.indexOf('\0') + 1)}/${runId}`, checkIsThere(record));
  }
  return { runs, broken };
}

const recordOf = (database: MemoryDatabase, name: string, row: StoredRow): RunRecord => ({
  ...row,
  outstanding: database.outstanding.has(name),
});
