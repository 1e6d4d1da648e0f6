/** A statement that connections prepare once, by its name; unnamed ones are planned each time. Rows are tuples. */
export interface Statement<Row extends readonly unknown[] = readonly []> {
  readonly name: string;
  readonly text: string;
  /** Exists for types only. */
  readonly row?: Row;
}

export const statement = <Row extends readonly unknown[] = readonly []>(
  name: string,
  text: string,
): Statement<Row> => ({
  name,
  text,
});

type DueRow = [namespaceId: string, workflowId: string, runId: string, shard: number, wakeAtMs: number];
type BatchRow = [firstEventId: number, lastEventId: number, data: Buffer];
type BacklogRow = [
  taskId: number,
  pass: number,
  fairnessKey: string,
  dedupeKey: string,
  data: Buffer,
  expiresMs: number,
];

/** What is read of executions. */
export const executionStatements = {
  currentRunIds: statement<[number: number, runId: string]>(
    'current_run_ids',
    `SELECT i.n, c.run_id FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS i (namespace_id, workflow_id, n)
     JOIN current_runs c ON c.namespace_id = i.namespace_id AND c.workflow_id = i.workflow_id`,
  ),
  /** A row for each run, with its version, and one for each of its items, with its kind and key. */
  runs: statement<[number: number, version: number | null, kind: number | null, key: string | null, data: Buffer]>(
    'runs',
    `WITH r AS MATERIALIZED (
       SELECT i.n, e.id, e.version, e.info
       FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS i (namespace_id, workflow_id, run_id, n)
       JOIN executions e ON e.namespace_id = i.namespace_id AND e.workflow_id = i.workflow_id AND e.run_id = i.run_id
       WHERE e.version > 0)
     SELECT n, version, NULL::int4, NULL::text COLLATE "C", info FROM r
     UNION ALL
     SELECT r.n, NULL, x.kind, x.key, x.data FROM r JOIN execution_items x ON x.execution_id = r.id
     ORDER BY 1, 3 NULLS FIRST, 4`,
  ),
  historyForward: statement<BatchRow>('history_forward', historyText('ASC')),
  historyBackward: statement<BatchRow>('history_backward', historyText('DESC')),
  outstanding: statement<DueRow>(
    'outstanding',
    `SELECT namespace_id, workflow_id, run_id, shard, wake_at FROM executions
     WHERE outstanding AND (namespace_id, workflow_id, run_id) > ($1::text, $2::text, $3::text)
       AND shard = ANY ($4::int4[])
     ORDER BY namespace_id, workflow_id, run_id LIMIT $5::int4`,
  ),
  due: statement<DueRow>(
    'due',
    `SELECT namespace_id, workflow_id, run_id, shard, wake_at FROM executions
     WHERE wake_at > 0 AND wake_at <= $1::float8 AND shard = ANY ($2::int4[])
     ORDER BY wake_at, namespace_id, workflow_id, run_id LIMIT $3::int4`,
  ),
};

/** Parameters: the run's key, first event wanted, first event not wanted, batches. The batch with the first event counts. */
function historyText(order: 'ASC' | 'DESC'): string {
  return `WITH r AS MATERIALIZED (
      SELECT id FROM executions WHERE namespace_id = $1 AND workflow_id = $2 AND run_id = $3 AND version > 0)
    SELECT h.first_event_id, h.last_event_id, h.data FROM r JOIN history_batches h ON h.execution_id = r.id
    WHERE h.first_event_id < $5::int4 AND h.last_event_id >= $4::int4
      AND h.first_event_id >= coalesce((SELECT max(b.first_event_id) FROM history_batches b
        WHERE b.execution_id = (SELECT id FROM r) AND b.first_event_id <= $4::int4), 0)
    ORDER BY h.first_event_id ${order} LIMIT $6::int4`;
}

export const leaseStatements = {
  /** In the order in which writes lock them, so that nobody waits in a circle. */
  acquire: statement<[partition: number, rangeId: number]>(
    'acquire',
    `INSERT INTO leases (kind, partition, range_id, member_id)
     SELECT $1::text, i.partition, 1, $2::text FROM unnest($3::int4[]) AS i (partition) ORDER BY i.partition
     ON CONFLICT (kind, partition) DO UPDATE SET range_id = leases.range_id + 1, member_id = excluded.member_id
     RETURNING partition, range_id`,
  ),
  rangeIds: statement<[partition: number, rangeId: number]>(
    'range_ids',
    'SELECT partition, range_id FROM leases WHERE kind = $1::text AND partition = ANY ($2::int4[])',
  ),
  /** Lists the others as they were before the statement; the member itself is not among them. */
  heartbeat: statement<[service: string, memberId: string, address: string]>(
    'heartbeat',
    `WITH own AS (
       INSERT INTO members (service, member_id, address, expires_at)
       VALUES ($1::text, $2::text, $3::text, clock_timestamp() + $4::float8 * interval '1 ms')
       ON CONFLICT (service, member_id) DO UPDATE SET address = excluded.address, expires_at = excluded.expires_at),
     expired AS (
       DELETE FROM members
       WHERE expires_at <= clock_timestamp() AND (service, member_id) <> ($1::text, $2::text))
     SELECT service, member_id, address FROM members
     WHERE expires_at > clock_timestamp() AND (service, member_id) <> ($1::text, $2::text)
     ORDER BY service, member_id`,
  ),
  leave: statement('leave', 'DELETE FROM members WHERE service = $1 AND member_id = $2'),
  members: statement<[service: string, memberId: string, address: string]>(
    'members',
    `SELECT service, member_id, address FROM members WHERE expires_at > clock_timestamp() ORDER BY service, member_id`,
  ),
  holders: statement<[partition: number, rangeId: number, memberId: string]>(
    'holders',
    'SELECT partition, range_id, member_id FROM leases WHERE kind = $1::text ORDER BY partition',
  ),
};

export const namespaceStatements = {
  list: statement<[record: Buffer]>('namespaces', 'SELECT record FROM namespaces ORDER BY id'),
  byId: statement<[record: Buffer]>('namespace_by_id', 'SELECT record FROM namespaces WHERE id = $1'),
  byName: statement<[record: Buffer]>('namespace_by_name', 'SELECT record FROM namespaces WHERE name = $1'),
  create: statement<[created: boolean]>(
    'create_namespace',
    `INSERT INTO namespaces (id, name, version, record) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING true`,
  ),
  update: statement<[updated: boolean]>(
    'update_namespace',
    `UPDATE namespaces SET name = $2::text, version = $3::int8 + 1, record = $4 WHERE id = $1 AND version = $3::int8
       AND NOT EXISTS (SELECT 1 FROM namespaces o WHERE o.name = $2::text AND o.id <> $1)
     RETURNING true`,
  ),
  delete: statement('delete_namespace', 'DELETE FROM namespaces WHERE id = $1'),
};

export type ClusterRow = [
  clusterId: string,
  historyShards: number,
  matchingSlots: number,
  clusterName: string | null,
  shardsWanted: string | null,
];

export const clusterStatements = {
  create: statement(
    'create_cluster',
    `WITH named AS (INSERT INTO cluster_facts (name, value) VALUES ('cluster_name', $4) ON CONFLICT DO NOTHING)
     INSERT INTO cluster (id, cluster_id, history_shards, matching_slots) VALUES (1, $1, $2, $3) ON CONFLICT DO NOTHING`,
  ),
  read: statement<ClusterRow>(
    'cluster',
    `SELECT cluster_id, history_shards, matching_slots,
       (SELECT value FROM cluster_facts WHERE name = 'cluster_name'),
       (SELECT value FROM cluster_facts WHERE name = 'shards_wanted') FROM cluster`,
  ),
};

export const reshardingStatements = {
  begin: statement(
    'begin_resharding',
    `INSERT INTO cluster_facts (name, value) VALUES ('shards_wanted', $1)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  ),
  move: statement(
    'move_to_shards',
    `UPDATE executions e SET shard = m.shard
     FROM unnest($1::text[], $2::text[], $3::text[], $4::int4[]) m (namespace_id, workflow_id, run_id, shard)
     WHERE e.namespace_id = m.namespace_id AND e.workflow_id = m.workflow_id AND e.run_id = m.run_id`,
  ),
  finish: statement(
    'finish_resharding',
    `WITH done AS (DELETE FROM cluster_facts WHERE name = 'shards_wanted') UPDATE cluster SET history_shards = $1::int4`,
  ),
};

export const taskQueueStatements = {
  read: statement<BacklogRow>(
    'read_backlog',
    `SELECT task_id, pass, fairness_key, dedupe_key, data, expires_at FROM backlog_tasks
     WHERE queue = $1 AND level = $2 AND (pass, task_id) > ($3::float8, $4::int8)
     ORDER BY pass, task_id LIMIT $5::int4`,
  ),
  count: statement<[level: number, count: number]>(
    'count_backlog',
    'SELECT level, count(*) FROM backlog_tasks WHERE queue = $1 GROUP BY level',
  ),
  lastPass: statement<[pass: number | null]>(
    'last_pass',
    'SELECT max(pass) FROM backlog_tasks WHERE queue = $1 AND level = $2 AND fairness_key = $3',
  ),
  readConfig: statement<[data: Buffer]>('read_config', 'SELECT data FROM task_queue_configs WHERE queue = $1'),
};

export const schemaStatements = {
  serverVersion: statement<[version: string]>('', 'SHOW server_version_num'),
  isReadOnly: statement<[isReadOnly: string]>('', 'SHOW transaction_read_only'),
  tables: statement<[name: string]>(
    '',
    `SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename`,
  ),
  version: statement<[done: number, begun: number]>('', 'SELECT version, begun FROM duramesh_schema'),
  /** Tables of this schema that the user may not do everything with that a server does. */
  denied: statement<[name: string]>(
    '',
    `SELECT t.tablename::text FROM pg_tables t CROSS JOIN unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS r (needed)
     WHERE t.schemaname = current_schema() AND t.tablename = ANY ($1::text[])
       AND NOT has_table_privilege(format('%I.%I', t.schemaname, t.tablename), r.needed)
     GROUP BY t.tablename ORDER BY t.tablename`,
  ),
};
