import { StoreFault } from '../api/store.ts';
import type { SchemaState, SchemaStatus } from '../api/schema.ts';
import type { Session } from './session.ts';
import { textIn } from './literals.ts';

/** A table by its name and what stands between its brackets. */
const table = (name: string, columns: string): string =>
  `CREATE TABLE IF NOT EXISTS ${name} (${columns}) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARSET = utf8mb4`;

/**
 * Each entry moves the schema one version on. Definitions are not transactional here, so each statement can be repeated: an
 * update that was cut short is gone through again. Only ever add entries, and only add to the schema in them, so that a
 * process of the version before can go on.
 *
 * Texts are bytes: two that differ in case or in spaces at their end are different, and their order is that of their code
 * points, on any server. Runs have narrow ids that rise, so that what is new lies together; the events of a run lie
 * together in their order, without an index. Lists are in the order of one index, of negated times. A run that waits for
 * immediate work has a row in `outstanding_runs`, since an index on a column would hold the keys of all other runs too.
 */
export const migrations: readonly (readonly string[])[] = [
  [
    table(
      'cluster',
      `id TINYINT PRIMARY KEY, cluster_id VARBINARY(255) NOT NULL,
       history_shards INT NOT NULL, matching_slots INT NOT NULL`,
    ),
    table(
      'namespaces',
      `id VARBINARY(255) PRIMARY KEY, name VARBINARY(1000) NOT NULL, version BIGINT NOT NULL, record LONGBLOB NOT NULL,
       UNIQUE KEY namespaces_name (name)`,
    ),
    table(
      'leases',
      `kind VARBINARY(16) NOT NULL, partition_id INT NOT NULL, range_id BIGINT NOT NULL, member_id VARBINARY(255) NOT NULL,
       PRIMARY KEY (kind, partition_id)`,
    ),
    table(
      'members',
      `service VARBINARY(255) NOT NULL, member_id VARBINARY(255) NOT NULL, address VARBINARY(1000) NOT NULL,
       expires_at BIGINT NOT NULL, PRIMARY KEY (service, member_id)`,
    ),
    table('id_blocks', 'name VARBINARY(64) PRIMARY KEY, next_id BIGINT NOT NULL'),
    `INSERT IGNORE INTO id_blocks (name, next_id) VALUES ('executions', 1)`,
    table(
      'executions',
      `id BIGINT PRIMARY KEY, shard INT NOT NULL, version BIGINT NOT NULL, wake_at BIGINT NOT NULL,
       outstanding TINYINT NOT NULL, has_attributes TINYINT NOT NULL, namespace_id VARBINARY(255) NOT NULL,
       workflow_id VARBINARY(1000) NOT NULL, run_id VARBINARY(255) NOT NULL, info LONGBLOB NOT NULL,
       UNIQUE KEY executions_key (namespace_id, workflow_id, run_id), KEY executions_wake (wake_at)`,
    ),
    table(
      'outstanding_runs',
      `namespace_id VARBINARY(255) NOT NULL, workflow_id VARBINARY(1000) NOT NULL, run_id VARBINARY(255) NOT NULL,
       shard INT NOT NULL, execution_id BIGINT NOT NULL, PRIMARY KEY (namespace_id, workflow_id, run_id)`,
    ),
    table(
      'execution_items',
      `execution_id BIGINT NOT NULL, kind INT NOT NULL, item_key VARBINARY(2500) NOT NULL, data LONGBLOB NOT NULL,
       PRIMARY KEY (execution_id, kind, item_key)`,
    ),
    table(
      'history_batches',
      `execution_id BIGINT NOT NULL, first_event_id INT NOT NULL, last_event_id INT NOT NULL, data LONGBLOB NOT NULL,
       PRIMARY KEY (execution_id, first_event_id)`,
    ),
    table(
      'current_runs',
      `namespace_id VARBINARY(255) NOT NULL, workflow_id VARBINARY(1000) NOT NULL, run_id VARBINARY(255) NOT NULL,
       PRIMARY KEY (namespace_id, workflow_id)`,
    ),
    table(
      'visibility',
      `id BIGINT PRIMARY KEY, namespace_id VARBINARY(255) NOT NULL, close_key DOUBLE NOT NULL, start_key DOUBLE NOT NULL,
       run_id VARBINARY(255) NOT NULL, workflow_id VARBINARY(1000) NOT NULL, workflow_type VARBINARY(1000) NOT NULL,
       task_queue VARBINARY(1000) NOT NULL, status INT NOT NULL, execution_time DOUBLE NOT NULL,
       history_length BIGINT NOT NULL, history_size_bytes BIGINT NOT NULL, state_transition_count BIGINT NOT NULL,
       parent_workflow_id VARBINARY(1000), parent_run_id VARBINARY(255), root_workflow_id VARBINARY(1000),
       root_run_id VARBINARY(255), has_attributes TINYINT NOT NULL, memo LONGBLOB, search_attributes LONGBLOB,
       KEY visibility_list (namespace_id, close_key, start_key, run_id)`,
    ),
    table(
      'visibility_attributes',
      `visibility_id BIGINT NOT NULL, name VARBINARY(255) NOT NULL, word VARBINARY(2500) NOT NULL, number DOUBLE NOT NULL,
       type VARBINARY(16) NOT NULL, PRIMARY KEY (visibility_id, name, word, number),
       KEY visibility_attributes_value (name, word(500), number)`,
    ),
    table(
      'backlog_tasks',
      `queue VARBINARY(1500) NOT NULL, task_id BIGINT NOT NULL, dedupe_key VARBINARY(1500) NOT NULL, level INT NOT NULL,
       pass DOUBLE NOT NULL, fairness_key VARBINARY(1000) NOT NULL, expires_at BIGINT NOT NULL, data LONGBLOB NOT NULL,
       PRIMARY KEY (queue, task_id), UNIQUE KEY backlog_tasks_dedupe (queue, dedupe_key),
       KEY backlog_tasks_order (queue, level, pass, task_id), KEY backlog_tasks_keys (queue, level, fairness_key, pass)`,
    ),
    table('task_queue_configs', 'queue VARBINARY(1500) PRIMARY KEY, data LONGBLOB NOT NULL'),
  ],
  [table('cluster_facts', 'name VARBINARY(64) PRIMARY KEY, value VARBINARY(1000) NOT NULL')],
];

export const SCHEMA_VERSION = migrations.length;

/** Marks the database as ours. Its one row is written before the first statement of a step and again after the last. */
const MARK = 'duramesh_schema';

const createMark = table(MARK, 'id TINYINT PRIMARY KEY, version INT NOT NULL, begun INT NOT NULL');

const setMark = (version: number, begun: number): string =>
  `INSERT INTO ${MARK} (id, version, begun) VALUES (1, ${version}, ${begun})
   ON DUPLICATE KEY UPDATE version = VALUES(version), begun = VALUES(begun)`;

const TABLES = migrations
  .flat()
  .flatMap((statement) => /^CREATE TABLE IF NOT EXISTS (\w+)/.exec(statement)?.[1] ?? [])
  .sort();

/** How the schema of the session's database stands. */
export async function schemaStatus(session: Session, shown: string): Promise<SchemaStatus> {
  const [names = []] = await session.run([
    `SELECT CAST(table_name AS BINARY) FROM information_schema.tables WHERE table_schema = DATABASE()`,
  ]);
  const tables = new Set(names.map(([name]) => textIn(name as Uint8Array)));
  if (tables.size === 0) return statusOf('absent', 0, `${shown} has no schema yet`);
  if (!tables.has(MARK)) return statusOf('foreign', 0, `${shown} belongs to another program`);
  const [rows = []] = await session.run([`SELECT version, begun FROM ${MARK}`]);
  const [version, begun] = (rows[0] ?? [0, 1]) as [number, number];
  if (version > SCHEMA_VERSION) return statusOf('newer', version, `${shown} has schema version ${version}`);
  if (begun > version) return statusOf('partial', version, `an update of ${shown} to version ${begun} was cut short`);
  if (version < SCHEMA_VERSION) return statusOf('older', version, `${shown} has schema version ${version}`);
  const missing = TABLES.filter((name) => !tables.has(name));
  if (missing.length > 0) return statusOf('damaged', version, `${shown} lacks the tables ${missing.join(', ')}`);
  return statusOf('current', version, `${shown} has schema version ${version}`);
}

export const absentDatabase = (shown: string): SchemaStatus => statusOf('absent', 0, `${shown} does not exist yet`);

function statusOf(state: SchemaState, version: number, fact: string): SchemaStatus {
  const advice = `the MySQL database ${fact}${remedies[state]}`;
  return { state, version, target: SCHEMA_VERSION, advice };
}

const remedies: Readonly<Record<SchemaState, string>> = {
  absent: ': run duramesh schema setup --db URL',
  older: `, this server needs ${SCHEMA_VERSION}: run duramesh schema update --db URL`,
  partial: ': run duramesh schema update --db URL, it goes on where it stopped',
  current: '',
  newer: `, this server knows ${SCHEMA_VERSION}: start a newer server`,
  damaged: ': restore it from a backup, or name another database',
  foreign: ': name another database',
};

/** Seconds that an update waits for one that is under way. */
const UPDATE_LOCK_S = 60;

/**
 * Brings the session's database to this version, statement by statement. One update at a time does so.
 * @throws StoreFault when the database must not be touched, or what the driver throws
 */
export async function migrate(
  session: Session,
  { shown, onStep }: { readonly shown: string; readonly onStep: (version: number) => void },
): Promise<void> {
  const lock = `CONCAT('duramesh_schema ', MD5(DATABASE()))`;
  const [[held] = []] = await session.run([`SELECT GET_LOCK(${lock}, ${UPDATE_LOCK_S})`]);
  if (held?.[0] !== 1) {
    throw new StoreFault('unavailable', `another update of the MySQL database ${shown} is under way: wait for it`);
  }
  try {
    const { state, version, advice } = await schemaStatus(session, shown);
    if (state === 'foreign' || state === 'newer' || state === 'damaged') throw new StoreFault('schema', advice);
    for (let next = version; next < SCHEMA_VERSION; next++) {
      await session.run([createMark]);
      await session.run([setMark(next, next + 1)]);
      for (const statement of migrations[next] ?? []) await session.run([statement]);
      await session.run([setMark(next + 1, next + 1)]);
      onStep(next + 1);
    }
  } finally {
    if (session.isUsable) await session.run([`SELECT RELEASE_LOCK(${lock})`]);
  }
}

/** @returns the statement that makes a database, quoted as a name */
export const createDatabase = (name: string): string =>
  `CREATE DATABASE IF NOT EXISTS \`${name.replaceAll('`', '``')}\` DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;
