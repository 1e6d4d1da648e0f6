import type { SchemaStatus } from '../api/schema.ts';

/** Into how many partitions each index is split that spans shards or a namespace. It can never be changed. */
export const BUCKETS = 16;

/**
 * A resurrected entry of these tables is looked up and found stale, so tombstones need not be kept for as long as it may
 * take to bring a node back: they would only stand in the way of those who read the entries around them.
 */
const HINTS = 'WITH gc_grace_seconds = 600';
/** Longer here: the name of a task that came back without it would keep the same work out for ever. */
const BACKLOG = 'WITH gc_grace_seconds = 86400';

/**
 * Each entry moves the schema one version on, statement by statement, each of which may be repeated. Only ever add entries,
 * and only add to the schema in them, so that a server of the version before can go on.
 *
 * `executions` is what conditional batches write: a shard is a partition, with its lease in static columns, so that one
 * batch checks the lease and commits many runs. A run is its head (kind -1) and its items (kind 0 and up); the pointer of
 * a workflow is the head of the run without id. `backlog` is the same for a slot of matching. All other tables lie beside
 * the partitions: their rows are written ahead of the batch that makes them true, and tidied up behind it.
 */
export const migrations: readonly (readonly string[])[] = [
  [
    `CREATE TABLE IF NOT EXISTS executions (
      partition_id int, namespace_id text, workflow_id text, run_id text, kind int, item_key text,
      range_id bigint static, batch_stamp bigint static,
      version int, info blob, wake_at double, outstanding boolean, staged boolean,
      history_writes map<int, text>, last_event_id int,
      entry text, entry_stamp bigint, close_key double, start_key double,
      current_run_id text, data blob,
      PRIMARY KEY ((partition_id), namespace_id, workflow_id, run_id, kind, item_key))`,
    `CREATE TABLE IF NOT EXISTS backlog (
      partition_id int, queue text, section tinyint, level int, name text, pass double, task_id bigint,
      range_id bigint static, batch_stamp bigint static,
      dedupe_key text, fairness_key text, task_level int, task_pass double, expires_at double, data blob,
      PRIMARY KEY ((partition_id), queue, section, level, name, pass, task_id)) ${BACKLOG}`,
    `CREATE TABLE IF NOT EXISTS history (
      namespace_id text, workflow_id text, run_id text, first_event_id int, write_id text, last_event_id int, data blob,
      PRIMARY KEY ((namespace_id, workflow_id, run_id), first_event_id, write_id))`,
    `CREATE TABLE IF NOT EXISTS workflow_shards (
      namespace_id text, workflow_id text, partition_id int, PRIMARY KEY ((namespace_id, workflow_id)))`,
    `CREATE TABLE IF NOT EXISTS queue_slots (queue text, partition_id int, PRIMARY KEY ((queue)))`,
    `CREATE TABLE IF NOT EXISTS wakes (
      bucket int, wake_at double, namespace_id text, workflow_id text, run_id text, partition_id int, stamp bigint,
      PRIMARY KEY ((bucket), wake_at, namespace_id, workflow_id, run_id)) ${HINTS}`,
    `CREATE TABLE IF NOT EXISTS outstanding (
      bucket int, namespace_id text, workflow_id text, run_id text, partition_id int, stamp bigint,
      PRIMARY KEY ((bucket), namespace_id, workflow_id, run_id)) ${HINTS}`,
    `CREATE TABLE IF NOT EXISTS visibility (
      namespace_id text, bucket int, close_key double, start_key double, run_id text,
      partition_id int, workflow_id text, entry text, stamp bigint, sure bigint,
      PRIMARY KEY ((namespace_id, bucket), close_key, start_key, run_id))`,
    `CREATE TABLE IF NOT EXISTS leases (
      kind text, partition_id int, range_id bigint, member_id text, PRIMARY KEY ((kind), partition_id))`,
    `CREATE TABLE IF NOT EXISTS members (
      cell text, service text, member_id text, address text, PRIMARY KEY ((cell), service, member_id)) ${HINTS}`,
    `CREATE TABLE IF NOT EXISTS namespaces (
      cell text, kind text, key text, id text, version int, record blob, PRIMARY KEY ((cell), kind, key))`,
    `CREATE TABLE IF NOT EXISTS cluster (
      cell text, cluster_id text, history_shards int, matching_slots int, PRIMARY KEY ((cell)))`,
  ],
  ['CREATE TABLE IF NOT EXISTS cluster_facts (cell text, name text, value text, PRIMARY KEY ((cell), name))'],
];

export const SCHEMA_VERSION = migrations.length;

/** Marks the keyspace as ours. */
export const VERSION_TABLE = 'duramesh_schema';

const TABLES = migrations.flat().map((text) => /CREATE TABLE IF NOT EXISTS (\w+)/.exec(text)?.[1] ?? '');

/** What was found in a keyspace. */
export interface Found {
  /** undefined when there is no such keyspace. */
  readonly tables: readonly string[] | undefined;
  /** The last version that is there in full, and the last one that was begun; undefined when nothing says. */
  readonly versions: { readonly done: number; readonly begun: number } | undefined;
}

export function judge({ tables, versions }: Found, shown: string): SchemaStatus {
  const target = SCHEMA_VERSION;
  const status = (state: SchemaStatus['state'], version: number, advice: string): SchemaStatus => ({
    state,
    version,
    target,
    advice,
  });
  if (tables === undefined) return status('absent', 0, `there is no keyspace for ${shown}: run duramesh schema setup`);
  if (tables.length === 0) return status('absent', 0, `${shown} is empty: run duramesh schema setup`);
  if (!tables.includes(VERSION_TABLE)) {
    return status('foreign', 0, `the keyspace of ${shown} belongs to another program: name another one`);
  }
  const { done, begun } = versions ?? { done: 0, begun: 0 };
  if (Math.max(done, begun) > target) {
    return status(
      'newer',
      done,
      `${shown} has schema version ${Math.max(done, begun)}, this server knows ${target}: start a newer server`,
    );
  }
  if (begun !== done || done === 0) {
    return status('partial', done, `an update of the schema of ${shown} was interrupted: run duramesh schema update`);
  }
  if (done < target) {
    return status(
      'older',
      done,
      `${shown} has schema version ${done}, this server needs ${target}: run duramesh schema update`,
    );
  }
  const missing = TABLES.filter((name) => !tables.includes(name));
  if (missing.length === 0) return status('current', done, `${shown} has schema version ${done}, as this server needs`);
  return status('damaged', done, `${shown} lacks the tables ${missing.join(', ')}: restore them from a backup`);
}
