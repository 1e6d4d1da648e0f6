import type { ExecutionWrite } from '@duramesh/persistence';
import pg from 'pg';

const CONNECTIONS = 32;

/** The same transition as a statement of its own: what a store does that groups nothing. */
const TRANSITION = `
  WITH held AS (SELECT 1 FROM leases WHERE kind = $1 AND partition = $2 AND range_id = $3 FOR SHARE),
  run AS (
    UPDATE executions SET version = version + 1, info = $8, wake_at = $9, outstanding = $10
    WHERE namespace_id = $4 AND workflow_id = $5 AND run_id = $6 AND version = $7 AND EXISTS (SELECT 1 FROM held)
    RETURNING id),
  upserted AS (
    INSERT INTO execution_items (execution_id, kind, key, data)
    SELECT id, 1, $11, $12 FROM run WHERE $12::bytea IS NOT NULL
    ON CONFLICT (execution_id, kind, key) DO UPDATE SET data = excluded.data),
  deleted AS (
    DELETE FROM execution_items USING run
    WHERE $12::bytea IS NULL AND execution_id = id AND kind = 1 AND key = $11),
  written AS (
    INSERT INTO history_batches (execution_id, first_event_id, last_event_id, data) SELECT id, $13, $14, $15 FROM run)
  SELECT id FROM run`;

export interface Baseline extends AsyncDisposable {
  commit(write: ExecutionWrite): Promise<'committed' | 'conflict'>;
}

/** One statement for each transition, on many connections, against the schema of the store. */
export function oneStatementEach(url: string): Baseline {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
  return {
    async commit({ lease, runs }) {
      const [run] = runs;
      const [batch] = run?.history ?? [];
      if (run === undefined || batch === undefined) throw new Error('a transition has a run and events');
      const { namespaceId, workflowId, runId } = run.key;
      const [item] = run.upserts;
      const key = [lease.kind, lease.partition, lease.rangeId, namespaceId, workflowId, runId, run.expectedVersion];
      const state = [Buffer.from(run.info), run.wakeAtMs, run.outstanding];
      const oneItem = [item?.key ?? run.deletes[0]?.key ?? '', item && Buffer.from(item.data)];
      const events = [batch.firstEventId, batch.lastEventId, Buffer.from(batch.data)];
      const values = [...key, ...state, ...oneItem, ...events];
      const { rowCount } = await pool.query({ name: 'transition', text: TRANSITION, values, rowMode: 'array' });
      return rowCount === 1 ? 'committed' : 'conflict';
    },
    [Symbol.asyncDispose]: () => pool.end(),
  };
}
