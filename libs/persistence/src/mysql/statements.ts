import { CHANGING_COLUMNS, LASTING_COLUMNS } from '../sql/visibility-rows.ts';
import { literal, type SqlValue } from './literals.ts';

/** Keys in one statement: beyond some hundreds the servers begin to look for other plans than the index. */
const KEYS_PER_STATEMENT = 250;

/** Where the rows of a statement go; those that are there already are changed, or it fails. */
export interface Target {
  readonly table: string;
  readonly columns: readonly string[];
  /** What changes in a row that is there: columns, or assignments. */
  readonly onDuplicate?: string;
}

const replacing = (...columns: readonly string[]): string =>
  columns.map((column) => `${column} = VALUES(${column})`).join(', ');

/**
 * A run is found by its id. The version becomes null, which no row may have, if it was found by its key: then somebody
 * else has created it since it was looked for.
 */
export const executionRows: Target = {
  table: 'executions',
  columns: [
    'id',
    'shard',
    'version',
    'wake_at',
    'outstanding',
    'has_attributes',
    'namespace_id',
    'workflow_id',
    'run_id',
    'info',
  ],
  onDuplicate: `version = IF(id = VALUES(id), VALUES(version), NULL),
    ${replacing('wake_at', 'outstanding', 'has_attributes', 'info')}`,
};
export const outstandingRows: Target = {
  table: 'outstanding_runs',
  columns: ['namespace_id', 'workflow_id', 'run_id', 'shard', 'execution_id'],
  onDuplicate: replacing('shard', 'execution_id'),
};
export const itemRows: Target = {
  table: 'execution_items',
  columns: ['execution_id', 'kind', 'item_key', 'data'],
  onDuplicate: replacing('data'),
};
export const historyRows: Target = {
  table: 'history_batches',
  columns: ['execution_id', 'first_event_id', 'last_event_id', 'data'],
};
export const stagedHistoryRows: Target = { ...historyRows, onDuplicate: replacing('last_event_id', 'data') };
export const currentRunRows: Target = {
  table: 'current_runs',
  columns: ['namespace_id', 'workflow_id', 'run_id'],
  onDuplicate: replacing('run_id'),
};
export const visibilityRows: Target = {
  table: 'visibility',
  columns: ['id', ...CHANGING_COLUMNS, ...LASTING_COLUMNS],
  onDuplicate: replacing(...CHANGING_COLUMNS),
};
export const attributeRows: Target = {
  table: 'visibility_attributes',
  columns: ['visibility_id', 'name', 'word', 'number', 'type'],
  onDuplicate: replacing('type'),
};
export const backlogRows: Target = {
  table: 'backlog_tasks',
  columns: ['queue', 'task_id', 'level', 'pass', 'fairness_key', 'dedupe_key', 'expires_at', 'data'],
};
export const queueConfigRows: Target = {
  table: 'task_queue_configs',
  columns: ['queue', 'data'],
  onDuplicate: replacing('data'),
};
export const leaseRows: Target = {
  table: 'leases',
  columns: ['kind', 'partition_id', 'range_id', 'member_id'],
  onDuplicate: 'range_id = range_id + 1, member_id = VALUES(member_id)',
};

export type Row = readonly SqlValue[];

/** One statement for all rows, or several where they would not fit into `maxChars`; none for no rows. */
export function insertRows({ table, columns, onDuplicate }: Target, rows: readonly Row[], maxChars: number): string[] {
  const head = `INSERT INTO ${table} (${columns.join(', ')}) VALUES `;
  const tail = onDuplicate === undefined ? '' : ` ON DUPLICATE KEY UPDATE ${onDuplicate}`;
  const room = maxChars - head.length - tail.length;
  return packed(
    rows.map((row) => `(${row.map(literal).join(', ')})`),
    room,
  ).map((values) => head + values + tail);
}

/** Joins texts with commas, as many as there is room for. */
function packed(texts: readonly string[], room: number): string[] {
  const packs: string[] = [];
  let pack = '';
  for (const text of texts) {
    if (pack !== '' && pack.length + 2 + text.length > room) {
      packs.push(pack);
      pack = '';
    }
    pack += pack === '' ? text : `, ${text}`;
  }
  if (pack !== '') packs.push(pack);
  return packs;
}

/** The columns of an index, for statements that find rows by it. */
export interface Key {
  readonly table: string;
  readonly index: string;
  readonly columns: readonly string[];
}

export const executionKey: Key = {
  table: 'executions',
  index: 'executions_key',
  columns: ['namespace_id', 'workflow_id', 'run_id'],
};
export const outstandingKey: Key = { ...executionKey, table: 'outstanding_runs', index: 'PRIMARY' };
export const executionId: Key = { table: 'executions', index: 'PRIMARY', columns: ['id'] };
export const itemKey: Key = {
  table: 'execution_items',
  index: 'PRIMARY',
  columns: ['execution_id', 'kind', 'item_key'],
};
export const itemsOfRun: Key = { ...itemKey, columns: ['execution_id'] };
export const historyOfRun: Key = { table: 'history_batches', index: 'PRIMARY', columns: ['execution_id'] };
export const currentRunKey: Key = { table: 'current_runs', index: 'PRIMARY', columns: ['namespace_id', 'workflow_id'] };
export const visibilityId: Key = { table: 'visibility', index: 'PRIMARY', columns: ['id'] };
export const attributesOfRun: Key = { table: 'visibility_attributes', index: 'PRIMARY', columns: ['visibility_id'] };
export const leaseKey: Key = { table: 'leases', index: 'PRIMARY', columns: ['kind', 'partition_id'] };
export const backlogTaskId: Key = { table: 'backlog_tasks', index: 'PRIMARY', columns: ['queue', 'task_id'] };
export const backlogDedupeKey: Key = {
  table: 'backlog_tasks',
  index: 'backlog_tasks_dedupe',
  columns: ['queue', 'dedupe_key'],
};

/**
 * Reads and locks the rows of these keys in the order of the index, so that two transactions never wait for each other in
 * a circle. Names the index: without, a small table would be read, and locked, as a whole.
 */
export const selectLocked = (
  key: Key,
  { columns, keys, lock }: { readonly columns: string; readonly keys: readonly Row[]; readonly lock: Lock },
): string[] =>
  chunks(keys).map(
    (chunk) =>
      `SELECT ${columns} FROM ${key.table} FORCE INDEX (${key.index}) WHERE ${anyOf(key, chunk)}
       ORDER BY ${key.columns.join(', ')} ${lock}`,
  );

export type Lock = 'FOR UPDATE' | 'LOCK IN SHARE MODE';

/** Only the form for several tables may name an index. */
export const deleteRows = (key: Key, keys: readonly Row[]): string[] =>
  chunks(keys).map(
    (chunk) => `DELETE ${key.table} FROM ${key.table} FORCE INDEX (${key.index}) WHERE ${anyOf(key, chunk)}`,
  );

function chunks(keys: readonly Row[]): (readonly Row[])[] {
  const count = Math.ceil(keys.length / KEYS_PER_STATEMENT);
  return Array.from({ length: count }, (_, i) => keys.slice(i * KEYS_PER_STATEMENT, (i + 1) * KEYS_PER_STATEMENT));
}

/** Rows of one column as a list, others as alternatives: lists of tuples are no ranges of an index everywhere. */
function anyOf({ columns }: Key, keys: readonly Row[]): string {
  const [only] = columns;
  if (columns.length === 1) return `${only} IN (${keys.map((row) => literal(row[0] ?? null)).join(', ')})`;
  return keys
    .map((row) => `(${columns.map((column, i) => `${column} = ${literal(row[i] ?? null)}`).join(' AND ')})`)
    .join(' OR ');
}
