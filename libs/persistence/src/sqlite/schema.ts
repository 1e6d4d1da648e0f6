import type { DatabaseSync } from 'node:sqlite';
import type { SchemaState, SchemaStatus } from '../api/schema.ts';
import { StoreFault } from '../api/store.ts';

/** `DURA`: marks the file as ours. @see https://www.sqlite.org/pragma.html#pragma_application_id */
const APPLICATION_ID = 0x44555241;

/**
 * Event ids take the low bits of a batch's rowid and the run's row the high ones: the events of a run lie together,
 * in order, without an index.
 */
export const EVENT_ID_BITS = 24;
export const EVENT_ID_MASK = 2 ** EVENT_ID_BITS - 1;

/**
 * Each entry moves the schema one version on, in a transaction of its own. Only ever add entries, and only add to the
 * schema in them, so that a process of the version before can go on.
 * Blobs come last in their tables. Keys of what grows with each run are integers; the lists' sort keys are negated times,
 * so that one comparison of rows finds the next page.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE cluster (
    id INTEGER PRIMARY KEY CHECK (id = 1), cluster_id TEXT NOT NULL,
    history_shards INTEGER NOT NULL, matching_slots INTEGER NOT NULL);
  CREATE TABLE namespaces (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, record BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE leases (
    kind TEXT NOT NULL, partition INTEGER NOT NULL, range_id INTEGER NOT NULL, member_id TEXT NOT NULL,
    PRIMARY KEY (kind, partition)) WITHOUT ROWID;
  CREATE TABLE members (
    service TEXT NOT NULL, member_id TEXT NOT NULL, address TEXT NOT NULL, expires_at INTEGER NOT NULL,
    PRIMARY KEY (service, member_id)) WITHOUT ROWID;

  CREATE TABLE executions (
    id INTEGER PRIMARY KEY, shard INTEGER NOT NULL, version INTEGER NOT NULL,
    wake_at INTEGER NOT NULL, outstanding INTEGER NOT NULL,
    namespace_id TEXT NOT NULL, workflow_id TEXT NOT NULL, run_id TEXT NOT NULL, info BLOB NOT NULL);
  CREATE UNIQUE INDEX executions_key ON executions (namespace_id, workflow_id, run_id);
  CREATE INDEX executions_wake ON executions (wake_at, shard) WHERE wake_at > 0;
  CREATE INDEX executions_outstanding ON executions (namespace_id, workflow_id, run_id, shard) WHERE outstanding = 1;
  CREATE TABLE execution_items (
    execution_id INTEGER NOT NULL, kind INTEGER NOT NULL, key TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (execution_id, kind, key)) WITHOUT ROWID;
  CREATE TABLE history_batches (id INTEGER PRIMARY KEY, last_event_id INTEGER NOT NULL, data BLOB NOT NULL);
  CREATE TABLE current_runs (
    namespace_id TEXT NOT NULL, workflow_id TEXT NOT NULL, run_id TEXT NOT NULL,
    PRIMARY KEY (namespace_id, workflow_id)) WITHOUT ROWID;

  CREATE TABLE visibility (
    id INTEGER PRIMARY KEY, namespace_id TEXT NOT NULL, close_key INTEGER NOT NULL, start_key INTEGER NOT NULL,
    run_id TEXT NOT NULL, workflow_id TEXT NOT NULL, workflow_type TEXT NOT NULL, task_queue TEXT NOT NULL,
    status INTEGER NOT NULL, execution_time INTEGER NOT NULL,
    history_length INTEGER NOT NULL, history_size_bytes INTEGER NOT NULL, state_transition_count INTEGER NOT NULL,
    parent_workflow_id TEXT, parent_run_id TEXT, root_workflow_id TEXT, root_run_id TEXT,
    has_attributes INTEGER NOT NULL, memo BLOB, search_attributes BLOB);
  CREATE INDEX visibility_list ON visibility (namespace_id, close_key, start_key, run_id);
  CREATE TABLE visibility_attributes (
    visibility_id INTEGER NOT NULL, name TEXT NOT NULL, value NOT NULL, type TEXT NOT NULL,
    PRIMARY KEY (visibility_id, name, value)) WITHOUT ROWID;
  CREATE INDEX visibility_attributes_value ON visibility_attributes (name, value);

  CREATE TABLE backlog_tasks (
    queue TEXT NOT NULL, task_id INTEGER NOT NULL, dedupe_key TEXT NOT NULL,
    expires_at INTEGER NOT NULL, created_at INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (queue, task_id)) WITHOUT ROWID;
  CREATE UNIQUE INDEX backlog_tasks_dedupe ON backlog_tasks (queue, dedupe_key);
  `,
  // What a process of the version before stores comes first in the level of the default priority, in the order it came.
  `
  ALTER TABLE backlog_tasks ADD COLUMN level INTEGER NOT NULL DEFAULT 3;
  ALTER TABLE backlog_tasks ADD COLUMN pass INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE backlog_tasks ADD COLUMN fairness_key TEXT NOT NULL DEFAULT '';
  CREATE INDEX backlog_tasks_order ON backlog_tasks (queue, level, pass, task_id);
  CREATE INDEX backlog_tasks_keys ON backlog_tasks (queue, level, fairness_key, pass);
  CREATE TABLE task_queue_configs (queue TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
  `,
  'CREATE TABLE cluster_facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;',
];

export const SCHEMA_VERSION = migrations.length;

const TABLES = [
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
  'visibility_attributes',
];

export interface MigrateOptions {
  readonly path: string;
  readonly onStep?: (version: number) => void;
}

/** Brings the database to this version of the schema, or says why it must not be touched. */
export function migrate(database: DatabaseSync, { path, onStep }: MigrateOptions): void {
  let { version } = checkedStatus(database, path);
  while (version < SCHEMA_VERSION) {
    database.exec('BEGIN IMMEDIATE');
    try {
      // Another process may have done this step while this one waited for the lock.
      ({ version } = checkedStatus(database, path));
      if (version < SCHEMA_VERSION) step(database, version);
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
    ({ version } = checkedStatus(database, path));
    onStep?.(version);
  }
}

function step(database: DatabaseSync, version: number): void {
  database.exec(migrations[version] ?? '');
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version + 1};`);
}

function checkedStatus(database: DatabaseSync, path: string): SchemaStatus {
  const status = schemaStatus(database, path);
  if (status.state === 'foreign' || status.state === 'newer' || status.state === 'damaged') {
    throw new StoreFault('schema', status.advice);
  }
  return status;
}

/** Each step is one transaction, so there is no partial one. */
export function schemaStatus(database: DatabaseSync, path: string): SchemaStatus {
  const applicationId = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  const tables = tableNames(database);
  const file = `the SQLite file ${path}`;
  const is = (state: SchemaState, advice: string): SchemaStatus => ({ state, version, target: SCHEMA_VERSION, advice });
  if (applicationId !== APPLICATION_ID) {
    return tables.length === 0 && applicationId === 0 && version === 0
      ? is('absent', `${file} has no schema yet: a server that opens it sets it up`)
      : is('foreign', `${file} belongs to another program: name another file`);
  }
  if (version > SCHEMA_VERSION) {
    const knows = `has schema version ${version}, this server knows ${SCHEMA_VERSION}`;
    return is('newer', `${file} ${knows}: start a newer server`);
  }
  if (version < SCHEMA_VERSION) {
    const needs = `has schema version ${version} of ${SCHEMA_VERSION}`;
    return is('older', `${file} ${needs}: a server that opens it brings it up to date`);
  }
  const missing = TABLES.filter((name) => !tables.includes(name));
  if (missing.length > 0) {
    const lacks = `lacks the tables ${missing.join(', ')}`;
    return is('damaged', `${file} ${lacks}: restore it from a backup, or name another file`);
  }
  return is('current', `${file} is up to date`);
}

function pragma(database: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function tableNames(database: DatabaseSync): string[] {
  const rows = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
  return rows.map((row) => String(row['name']));
}
