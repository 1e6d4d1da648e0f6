import { blobOf } from './row-set.ts';
import { statement } from './statements.ts';
import {
  ANSWER,
  HELD,
  isDone,
  keyColumns,
  onKey,
  rowsFrom,
  verdictOf,
  type WriteStatement,
} from './write-statements.ts';

/** What not every group of transitions has. A part of a statement costs time also where it has no rows. */
export type CommitPart = (typeof parts)[number];
const parts = ['pointers', 'deletes', 'upserts', 'visibility'] as const;

const changing = {
  close_key: 'float8',
  execution_time: 'float8',
  history_length: 'int8',
  history_size_bytes: 'int8',
  state_transition_count: 'int8',
  status: 'int4',
  task_queue: 'text',
  attributes: 'jsonb',
} as const;
const lasting = {
  start_key: 'float8',
  namespace_id: 'text',
  run_id: 'text',
  workflow_id: 'text',
  workflow_type: 'text',
  parent_workflow_id: 'text',
  parent_run_id: 'text',
  root_workflow_id: 'text',
  root_run_id: 'text',
} as const;
const plainColumns = [...Object.keys(changing), ...Object.keys(lasting)];
const updatedColumns = [...Object.keys(changing), 'memo', 'search_attributes'];

/** The rows a statement takes, numbered as if those of parts it has not were not there. */
function setsOf(has: ReadonlySet<CommitPart>) {
  const runs = rowsFrom({
    w: 'int4',
    ...keyColumns,
    expected: 'int8',
    shard: 'int4',
    wake_at: 'float8',
    outstanding: 'bool',
    info: 'blob',
  });
  const history = rowsFrom({ r: 'int4', first: 'int4', last: 'int4', data: 'blob' }, runs);
  const pointers = rowsFrom(
    { w: 'int4', namespace_id: 'text', workflow_id: 'text', expected_run_id: 'text', run_id: 'text' },
    history,
  );
  const deletes = rowsFrom({ r: 'int4', kind: 'int4', key: 'text' }, has.has('pointers') ? pointers : history);
  const beforeUpserts = has.has('deletes') ? deletes.nextParameter : deletes.firstParameter;
  const upserts = rowsFrom({ r: 'int4', kind: 'int4', key: 'text', data: 'blob' }, { nextParameter: beforeUpserts });
  const beforeVisibility = has.has('upserts') ? upserts.nextParameter : upserts.firstParameter;
  const visibility = rowsFrom(
    { r: 'int4', ...changing, ...lasting, memo: 'blob', search_attributes: 'blob' },
    { nextParameter: beforeVisibility },
  );
  return { runs, history, pointers, deletes, upserts, visibility };
}

export type CommitSets = ReturnType<typeof setsOf>;

export interface CommitShape {
  readonly sets: CommitSets;
  /** In the order of their parameters. */
  readonly used: readonly (keyof CommitSets)[];
  readonly statement: WriteStatement;
}

const shapes = new Map<string, CommitShape>();

/** Transitions of runs: history, state, items, pointer and list entry, in a statement that has just the parts needed. */
export function commitShape(has: ReadonlySet<CommitPart>): CommitShape {
  const present = parts.filter((part) => has.has(part));
  const name = ['commit', ...present].join('_');
  let shape = shapes.get(name);
  if (shape === undefined) {
    const sets = setsOf(has);
    shape = { sets, used: ['runs', 'history', ...present], statement: statement(name, commitText(sets, has)) };
    shapes.set(name, shape);
  }
  return shape;
}

function commitText(sets: CommitSets, has: ReadonlySet<CommitPart>): string {
  const stale = ['SELECT w FROM found WHERE is_stale', ...(has.has('pointers') ? [stalePointers(sets)] : [])];
  const writes = [stateTexts(sets), ...parts.filter((part) => has.has(part)).map((part) => partTexts[part](sets))];
  return `WITH ${HELD},
    found AS MATERIALIZED (
      SELECT i.*, e.id IS NULL AS is_new, coalesce(e.id, nextval('execution_ids')) AS id,
        coalesce(e.version, 0) <> i.expected AS is_stale
      FROM ${sets.runs.from} LEFT JOIN executions e ON ${onKey('i')}),
    ${verdictOf(stale.join(' UNION ALL '))},
    runs AS MATERIALIZED (
      SELECT array_agg(CASE WHEN ${isDone('f.w')} THEN f.id ELSE 0 END ORDER BY f.n) AS ids FROM found f),
    ${writes.join(', ')}
    ${ANSWER}`;
}

const stalePointers = ({ pointers }: CommitSets): string => `
  SELECT i.w FROM ${pointers.from}
  LEFT JOIN current_runs c ON c.namespace_id = i.namespace_id AND c.workflow_id = i.workflow_id
  WHERE c.run_id IS DISTINCT FROM i.expected_run_id`;

const stateTexts = ({ history }: CommitSets): string => `
  inserted AS (
    INSERT INTO executions (id, version, wake_at, shard, outstanding, namespace_id, workflow_id, run_id, info)
    SELECT i.id, 1, i.wake_at, i.shard, i.outstanding, i.namespace_id, i.workflow_id, i.run_id, ${blobOf('info')}
    FROM found i WHERE i.is_new AND ${isDone('i.w')}),
  updated AS (
    UPDATE executions e SET version = i.expected + 1, wake_at = i.wake_at, outstanding = i.outstanding,
      info = ${blobOf('info')}
    FROM found i WHERE NOT i.is_new AND ${isDone('i.w')} AND ${onKey('i')}),
  written AS (
    INSERT INTO history_batches (execution_id, first_event_id, last_event_id, data)
    SELECT (SELECT ids FROM runs)[i.r], i.first, i.last, ${blobOf('data')} FROM ${history.from}
    WHERE (SELECT ids FROM runs)[i.r] > 0)`;

const partTexts: Readonly<Record<CommitPart, (sets: CommitSets) => string>> = {
  pointers: ({ pointers }) => `
    pointed AS (
      INSERT INTO current_runs (namespace_id, workflow_id, run_id)
      SELECT i.namespace_id, i.workflow_id, i.run_id FROM ${pointers.from} WHERE ${isDone('i.w')}
      ON CONFLICT (namespace_id, workflow_id) DO UPDATE SET run_id = excluded.run_id)`,
  deletes: ({ deletes }) => `
    deleted AS (
      DELETE FROM execution_items x USING ${deletes.from}
      WHERE x.execution_id = (SELECT ids FROM runs)[i.r] AND x.kind = i.kind AND x.key = i.key)`,
  upserts: ({ upserts }) => `
    upserted AS (
      INSERT INTO execution_items (execution_id, kind, key, data)
      SELECT (SELECT ids FROM runs)[i.r], i.kind, i.key, ${blobOf('data')} FROM ${upserts.from}
      WHERE (SELECT ids FROM runs)[i.r] > 0
      ON CONFLICT (execution_id, kind, key) DO UPDATE SET data = excluded.data)`,
  visibility: ({ visibility }) => `
    listed AS (
      INSERT INTO visibility (id, ${plainColumns.join(', ')}, memo, search_attributes)
      SELECT (SELECT ids FROM runs)[i.r], ${plainColumns.map((column) => `i.${column}`).join(', ')},
        ${blobOf('memo')}, ${blobOf('search_attributes')}
      FROM ${visibility.from} WHERE (SELECT ids FROM runs)[i.r] > 0
      ON CONFLICT (id) DO UPDATE SET ${updatedColumns.map((column) => `${column} = excluded.${column}`).join(', ')})`,
};
