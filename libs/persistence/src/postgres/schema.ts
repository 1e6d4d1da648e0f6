import type { SchemaState, SchemaStatus } from '../api/schema.ts';

/** Tells that the schema is ours, and which. */
export const VERSION_TABLE = 'duramesh_schema';

/**
 * Each entry moves the schema one version on, in a transaction of its own. Only ever add entries, and only add to the schema
 * in them, so that servers of the version before can go on.
 * Texts compare by their bytes, as in every store. What a transition rewrites has room in its page for the next version
 * (fillfactor), and an index only on what a query needs and most transitions leave alone: then no index is written (HOT).
 * Times are float8: exact for every millisecond there will be, and numbers to the driver. The lists' sort keys are negated
 * times, so that one comparison of rows finds the next page. Bytes of more than 2 KB are compressed and moved out of the row
 * by the database.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE cluster (
    id int4 PRIMARY KEY CHECK (id = 1), cluster_id text NOT NULL,
    history_shards int4 NOT NULL, matching_slots int4 NOT NULL);
  CREATE TABLE namespaces (
    id text COLLATE "C" PRIMARY KEY, name text COLLATE "C" NOT NULL UNIQUE, version int8 NOT NULL, record bytea NOT NULL);
  CREATE TABLE leases (
    kind text COLLATE "C", partition int4, range_id int8 NOT NULL, member_id text NOT NULL,
    PRIMARY KEY (kind, partition)) WITH (fillfactor = 50);
  CREATE TABLE members (
    service text COLLATE "C", member_id text COLLATE "C", address text NOT NULL, expires_at timestamptz NOT NULL,
    PRIMARY KEY (service, member_id)) WITH (fillfactor = 50);

  CREATE SEQUENCE execution_ids;
  CREATE TABLE executions (
    id int8 NOT NULL, version int8 NOT NULL, wake_at float8 NOT NULL, shard int4 NOT NULL, outstanding bool NOT NULL,
    namespace_id text COLLATE "C", workflow_id text COLLATE "C", run_id text COLLATE "C", info bytea NOT NULL,
    PRIMARY KEY (namespace_id, workflow_id, run_id)) WITH (fillfactor = 60);
  CREATE INDEX executions_wake ON executions (wake_at) WHERE wake_at > 0;
  CREATE INDEX executions_outstanding ON executions (namespace_id, workflow_id, run_id) WHERE outstanding;
  CREATE TABLE execution_items (
    execution_id int8, kind int4, key text COLLATE "C", data bytea NOT NULL,
    PRIMARY KEY (execution_id, kind, key)) WITH (fillfactor = 80);
  CREATE TABLE history_batches (
    execution_id int8, first_event_id int4, last_event_id int4 NOT NULL, data bytea NOT NULL,
    PRIMARY KEY (execution_id, first_event_id));
  CREATE TABLE current_runs (
    namespace_id text COLLATE "C", workflow_id text COLLATE "C", run_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (namespace_id, workflow_id));

  CREATE TABLE visibility (
    id int8 PRIMARY KEY, close_key float8 NOT NULL, start_key float8 NOT NULL, execution_time float8 NOT NULL,
    history_length int8 NOT NULL, history_size_bytes int8 NOT NULL, state_transition_count int8 NOT NULL,
    status int4 NOT NULL, namespace_id text COLLATE "C" NOT NULL, run_id text COLLATE "C" NOT NULL,
    workflow_id text COLLATE "C" NOT NULL, workflow_type text COLLATE "C" NOT NULL, task_queue text COLLATE "C" NOT NULL,
    parent_workflow_id text COLLATE "C", parent_run_id text COLLATE "C",
    root_workflow_id text COLLATE "C", root_run_id text COLLATE "C",
    attributes jsonb, memo bytea, search_attributes bytea);
  CREATE INDEX visibility_list ON visibility (namespace_id, close_key, start_key, run_id);
  CREATE INDEX visibility_attributes ON visibility USING gin (attributes jsonb_path_ops) WHERE attributes IS NOT NULL;

  CREATE TABLE backlog_tasks (
    queue text COLLATE "C", task_id int8, pass float8 NOT NULL, expires_at float8 NOT NULL, level int4 NOT NULL,
    fairness_key text COLLATE "C" NOT NULL, dedupe_key text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(), data bytea NOT NULL,
    PRIMARY KEY (queue, task_id));
  CREATE UNIQUE INDEX backlog_tasks_dedupe ON backlog_tasks (queue, dedupe_key);
  CREATE INDEX backlog_tasks_order ON backlog_tasks (queue, level, pass, task_id);
  CREATE INDEX backlog_tasks_keys ON backlog_tasks (queue, level, fairness_key, pass);
  CREATE TABLE task_queue_configs (queue text COLLATE "C" PRIMARY KEY, data bytea NOT NULL);
  `,
  `
  CREATE TABLE cluster_facts (name text COLLATE "C" PRIMARY KEY, value text NOT NULL);
  `,
];

export const SCHEMA_VERSION = migrations.length;

export const TABLES = [
  'backlog_tasks',
  'cluster',
  'cluster_facts',
  'current_runs',
  'execution_items',
  'executions',
  'history_batches',
  'leases',
  'members',
  'namespaces',
  'task_queue_configs',
  'visibility',
];

/** What is found in a database. */
export interface FoundSchema {
  /** For people. */
  readonly shown: string;
  readonly tables: readonly string[];
  /** Undefined when there is no table of versions. */
  readonly version: { readonly done: number; readonly begun: number } | undefined;
}

export function statusOf({ shown, tables, version }: FoundSchema): SchemaStatus {
  const database = `the database ${shown}`;
  const done = version?.done ?? 0;
  const is = (state: SchemaState, says: string): SchemaStatus => {
    return { state, version: done, target: SCHEMA_VERSION, advice: `${database} ${says}` };
  };
  if (version === undefined) {
    return tables.length === 0
      ? is('absent', 'has no schema yet: run duramesh schema setup')
      : is('foreign', `has tables of another program (${tables.slice(0, 3).join(', ')}): name another database`);
  }
  if (done > SCHEMA_VERSION) {
    return is('newer', `has schema version ${done}, this server knows ${SCHEMA_VERSION}: start a newer server`);
  }
  if (version.begun > done) {
    const cut = `was being brought to schema version ${version.begun} and is still at ${done}`;
    return is('partial', `${cut}: run duramesh schema update`);
  }
  if (done === 0) return is('absent', 'has no schema yet: run duramesh schema setup');
  if (done < SCHEMA_VERSION) {
    return is('older', `has schema version ${done} of ${SCHEMA_VERSION}: run duramesh schema update`);
  }
  const missing = TABLES.filter((name) => !tables.includes(name));
  if (missing.length === 0) return is('current', 'is up to date');
  return is('damaged', `lacks the tables ${missing.join(', ')}: restore it from a backup, or name another database`);
}
