import { blobOf, type Columns, RowSet } from './row-set.ts';
import { type Statement, statement } from './statements.ts';

/**
 * Statements that carry many writes at once, each of which is done or refused by itself. Their answer is one text with a
 * letter for each write: see `Verdict`. The first parameter holds all bytes; then come the leases, each once and in an
 * order that all processes keep; then for each write the number of its lease.
 */
export type WriteStatement = Statement<[verdicts: string]>;

export const verdicts = { '0': 'committed', '1': 'conflict', '2': 'fenced' } as const;

export const keyColumns = { namespace_id: 'text', workflow_id: 'text', run_id: 'text' } as const;

const leases = new RowSet({ kind: 'text', partition: 'int4', range_id: 'int8' }, 2);
const writes = new RowSet({ lease: 'int4' }, leases.nextParameter);
/** Rows whose parameters follow those of others. */
export const rowsFrom = <C extends Columns>(
  columns: C,
  before: Pick<RowSet<Columns>, 'nextParameter'> = writes,
): RowSet<C> => new RowSet(columns, before.nextParameter);

/**
 * Locks the leases that are still in force for as long as the statement takes: who acquires one waits, or has fenced the
 * write already. A lease that changes hands meanwhile is read again when its lock is had. `bytes` gives the first parameter a
 * type where nothing needs it.
 */
export const HELD = `
  bytes AS (SELECT $1::bytea),
  locked AS MATERIALIZED (
    SELECT i.n FROM ${leases.from}
    JOIN leases l ON l.kind = i.kind AND l.partition = i.partition AND l.range_id = i.range_id FOR SHARE OF l),
  held AS MATERIALIZED (SELECT coalesce(array_agg(n::int4), '{}') AS leases FROM locked)`;

/** `stale` is a query of the writes whose conditions do not hold. */
export const verdictOf = (stale: string): string => `
  stale AS MATERIALIZED (SELECT coalesce(array_agg(s.w), '{}') AS writes FROM (${stale}) AS s (w)),
  verdict AS MATERIALIZED (
    SELECT array_agg(CASE WHEN i.lease <> ALL (held.leases) THEN 2 WHEN i.n = ANY (stale.writes) THEN 1 ELSE 0 END
      ORDER BY i.n) AS of
    FROM ${writes.from}, held, stale)`;
const NOTHING_STALE = 'SELECT 1 WHERE false';
export const ANSWER = `SELECT array_to_string(of, '') FROM verdict`;
export const isDone = (write: string): string => `(SELECT of FROM verdict)[${write}] = 0`;

export const onKey = (row: string): string =>
  `e.namespace_id = ${row}.namespace_id AND e.workflow_id = ${row}.workflow_id AND e.run_id = ${row}.run_id`;

export const sets = { leases, writes };

const staged = rowsFrom({ w: 'int4', ...keyColumns, shard: 'int4' });
const stagedHistory = rowsFrom({ r: 'int4', first: 'int4', last: 'int4', data: 'blob' }, staged);

/** History ahead of its run: a row of version 0, which whoever reads runs passes over. */
const stage = {
  sets: { runs: staged, history: stagedHistory },
  statement: statement<[verdicts: string]>(
    'stage',
    `WITH ${HELD},
    found AS MATERIALIZED (
      SELECT i.*, e.id IS NULL AS is_new, coalesce(e.id, nextval('execution_ids')) AS id,
        coalesce(e.version, 0) > 0 AS is_stale
      FROM ${staged.from} LEFT JOIN executions e ON ${onKey('i')}),
    ${verdictOf('SELECT w FROM found WHERE is_stale')},
    runs AS MATERIALIZED (
      SELECT array_agg(CASE WHEN ${isDone('f.w')} THEN f.id ELSE 0 END ORDER BY f.n) AS ids FROM found f),
    inserted AS (
      INSERT INTO executions (id, version, wake_at, shard, outstanding, namespace_id, workflow_id, run_id, info)
      SELECT i.id, 0, 0, i.shard, true, i.namespace_id, i.workflow_id, i.run_id, ''
      FROM found i WHERE i.is_new AND ${isDone('i.w')}),
    written AS (
      INSERT INTO history_batches (execution_id, first_event_id, last_event_id, data)
      SELECT (SELECT ids FROM runs)[i.r], i.first, i.last, ${blobOf('data')} FROM ${stagedHistory.from}
      WHERE (SELECT ids FROM runs)[i.r] > 0
      ON CONFLICT (execution_id, first_event_id) DO UPDATE
        SET last_event_id = excluded.last_event_id, data = excluded.data)
    ${ANSWER}`,
  ),
};

const deleted = rowsFrom({ w: 'int4', ...keyColumns });

const deleteRuns = {
  sets: { runs: deleted },
  statement: statement<[verdicts: string]>(
    'delete_runs',
    `WITH ${HELD}, ${verdictOf(NOTHING_STALE)},
    gone AS MATERIALIZED (
      SELECT i.*, e.id FROM ${deleted.from} LEFT JOIN executions e ON ${onKey('i')} WHERE ${isDone('i.w')}),
    histories AS (DELETE FROM history_batches h USING gone g WHERE h.execution_id = g.id),
    items AS (DELETE FROM execution_items x USING gone g WHERE x.execution_id = g.id),
    listed AS (DELETE FROM visibility v USING gone g WHERE v.id = g.id),
    runs AS (DELETE FROM executions e USING gone g WHERE ${onKey('g')}),
    pointers AS (
      DELETE FROM current_runs c USING gone g
      WHERE c.namespace_id = g.namespace_id AND c.workflow_id = g.workflow_id AND c.run_id = g.run_id)
    ${ANSWER}`,
  ),
};

const tasks = rowsFrom({
  w: 'int4',
  queue: 'text',
  task_id: 'int8',
  level: 'int4',
  pass: 'float8',
  fairness_key: 'text',
  dedupe_key: 'text',
  expires_at: 'float8',
  data: 'blob',
});

/** Of tasks with one dedupe key in one queue there must be only one in a statement. */
const appendTasks = {
  sets: { tasks },
  statement: statement<[verdicts: string]>(
    'append_tasks',
    `WITH ${HELD},
    fresh AS MATERIALIZED (
      SELECT i.* FROM ${tasks.from}
      WHERE NOT EXISTS (SELECT 1 FROM backlog_tasks b WHERE b.queue = i.queue AND b.dedupe_key = i.dedupe_key)),
    ${verdictOf(`
      SELECT f.w FROM fresh f
      WHERE EXISTS (SELECT 1 FROM backlog_tasks b WHERE b.queue = f.queue AND b.task_id = f.task_id)
      UNION ALL
      SELECT min(f.w) FROM fresh f GROUP BY f.w, f.queue, f.task_id HAVING count(*) > 1`)},
    written AS (
      INSERT INTO backlog_tasks (queue, task_id, level, pass, fairness_key, dedupe_key, expires_at, data)
      SELECT i.queue, i.task_id, i.level, i.pass, i.fairness_key, i.dedupe_key, i.expires_at, ${blobOf('data')}
      FROM fresh i WHERE ${isDone('i.w')})
    ${ANSWER}`,
  ),
};

const removed = rowsFrom({ w: 'int4', queue: 'text', task_id: 'int8' });

const removeTasks = {
  sets: { tasks: removed },
  statement: statement<[verdicts: string]>(
    'remove_tasks',
    `WITH ${HELD}, ${verdictOf(NOTHING_STALE)},
    gone AS (
      DELETE FROM backlog_tasks b USING ${removed.from}
      WHERE b.queue = i.queue AND b.task_id = i.task_id AND ${isDone('i.w')})
    ${ANSWER}`,
  ),
};

const configs = rowsFrom({ w: 'int4', queue: 'text', data: 'blob' });

const configure = {
  sets: { configs },
  statement: statement<[verdicts: string]>(
    'configure_queues',
    `WITH ${HELD}, ${verdictOf(NOTHING_STALE)},
    written AS (
      INSERT INTO task_queue_configs (queue, data) SELECT i.queue, ${blobOf('data')} FROM ${configs.from}
      WHERE ${isDone('i.w')}
      ON CONFLICT (queue) DO UPDATE SET data = excluded.data)
    ${ANSWER}`,
  ),
};

export const writeStatements = { stage, deleteRuns, appendTasks, removeTasks, configure };
