import type { BacklogPosition, BacklogTask } from '../api/task-queue-store.ts';
import type { Statement } from './connect.ts';
import type { Stamp } from './stamp.ts';
import { bytesOf } from './statements.ts';

/**
 * What lies under a queue in the partition of its slot. A task has a row in each but the last: in the order in which tasks
 * are handed out, by its id, by what it is called, and by pass under its fairness key.
 */
export const SECTION = { order: 0, ids: 1, names: 2, keys: 3, config: 4 } as const;

export interface QueuePlace {
  readonly partition: number;
  readonly queue: string;
}

export interface TaskRow {
  readonly task_id: number | bigint;
  readonly pass: number;
  readonly dedupe_key: string;
  readonly fairness_key: string;
  readonly data: Uint8Array | null;
  readonly expires_at: number;
}

export interface TaskIdRow {
  readonly task_id: bigint;
  readonly task_level: number;
  readonly task_pass: number;
  readonly dedupe_key: string;
  readonly fairness_key: string;
}

/** A task as it has to be known to be found in all sections. */
export type TaskPlace = Pick<BacklogTask, 'taskId' | 'level' | 'pass' | 'dedupeKey' | 'fairnessKey'>;

/** Tasks one behind the other: all of a level, or those of one fairness key in it. */
export interface Line {
  readonly section: number;
  readonly level: number;
  readonly name: string;
}

export const linesOf = ({ level, fairnessKey }: TaskPlace): readonly Line[] => [
  { section: SECTION.order, level, name: '' },
  { section: SECTION.keys, level, name: fairnessKey },
];

const QUEUE = 'partition_id = ? AND queue = ?';
const queueValues = ({ partition, queue }: QueuePlace) => [partition, queue];

interface RowKey {
  readonly section: number;
  readonly level?: number;
  readonly name?: string;
  readonly pass?: number;
  readonly taskId?: number;
}

const rowValues = ({ section, level = 0, name = '', pass = 0, taskId = 0 }: RowKey) => [
  section,
  level,
  name,
  pass,
  BigInt(taskId),
];

function rowsOf({ taskId, level, pass, dedupeKey, fairnessKey }: TaskPlace) {
  return {
    order: rowValues({ section: SECTION.order, level, pass, taskId }),
    id: rowValues({ section: SECTION.ids, taskId }),
    name: rowValues({ section: SECTION.names, name: dedupeKey }),
    key: rowValues({ section: SECTION.keys, level, name: fairnessKey, pass, taskId }),
  };
}

const PRIMARY_KEY = 'partition_id, queue, section, level, name, pass, task_id';
const ROW = `${QUEUE} AND section = ? AND level = ? AND name = ? AND pass = ? AND task_id = ?`;

const LINE = `${QUEUE} AND section = ? AND level = ? AND name = ?`;

const dropRow = (place: QueuePlace, row: readonly unknown[]): Statement => ({
  query: `DELETE FROM backlog WHERE ${ROW}`,
  values: [...queueValues(place), ...row],
});

/** Rows of slots; all writes of them belong into conditional batches. */
export const backlogs = {
  put(place: QueuePlace, task: BacklogTask): readonly Statement[] {
    const { order, id, name, key } = rowsOf(task);
    const { level, pass, dedupeKey, fairnessKey, data, expiresMs } = task;
    return [
      {
        query: `INSERT INTO backlog (${PRIMARY_KEY}, dedupe_key, fairness_key, data, expires_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        values: [...queueValues(place), ...order, dedupeKey, fairnessKey, bytesOf(data), expiresMs],
      },
      {
        query: `INSERT INTO backlog (${PRIMARY_KEY}, task_level, task_pass, dedupe_key, fairness_key)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        values: [...queueValues(place), ...id, level, pass, dedupeKey, fairnessKey],
      },
      ...[name, key].map((row) => ({
        query: `INSERT INTO backlog (${PRIMARY_KEY}) VALUES (?, ?, ?, ?, ?, ?, ?)`,
        values: [...queueValues(place), ...row],
      })),
    ];
  },
  /** What is found by its id and its name. */
  dropNames(place: QueuePlace, task: TaskPlace): readonly Statement[] {
    const { id, name } = rowsOf(task);
    return [id, name].map((row) => dropRow(place, row));
  },
  firstOf: (place: QueuePlace, { section, level, name }: Line, limit: number): Statement => ({
    query: `SELECT pass, task_id FROM backlog WHERE ${LINE} LIMIT ?`,
    values: [...queueValues(place), section, level, name, limit],
  }),
  /** Everything in a line up to a task: one deletion that covers those before it, so that no reader walks over them. */
  dropUntil: (place: QueuePlace, { section, level, name }: Line, last: BacklogPosition): Statement => ({
    query: `DELETE FROM backlog WHERE ${LINE} AND (pass, task_id) <= (?, ?)`,
    values: [...queueValues(place), section, level, name, last.pass, BigInt(last.taskId)],
  }),
  dropOf: (place: QueuePlace, line: Line, { pass, taskId }: BacklogPosition): Statement =>
    dropRow(place, rowValues({ ...line, pass, taskId })),
  byIds: (place: QueuePlace, taskIds: readonly number[]): Statement => ({
    query: `SELECT task_id, task_level, task_pass, dedupe_key, fairness_key FROM backlog
      WHERE ${QUEUE} AND section = ${SECTION.ids} AND level = 0 AND name = '' AND pass = 0 AND task_id IN ?`,
    values: [...queueValues(place), taskIds.map(BigInt)],
  }),
  byNames: (place: QueuePlace, names: readonly string[]): Statement => ({
    query: `SELECT name FROM backlog WHERE ${QUEUE} AND section = ${SECTION.names} AND level = 0 AND name IN ?`,
    values: [...queueValues(place), names],
  }),
  inOrder: (place: QueuePlace, level: number, page: { after: BacklogPosition; limit: number }): Statement => ({
    query: `SELECT task_id, pass, dedupe_key, fairness_key, data, expires_at FROM backlog
      WHERE ${QUEUE} AND section = ${SECTION.order} AND level = ? AND name = '' AND (pass, task_id) > (?, ?) LIMIT ?`,
    values: [...queueValues(place), level, page.after.pass, BigInt(page.after.taskId), page.limit],
  }),
  counts: (place: QueuePlace): Statement => ({
    query: `SELECT level, count(*) AS tasks FROM backlog WHERE ${QUEUE} AND section = ${SECTION.order}
      GROUP BY queue, section, level`,
    values: queueValues(place),
  }),
  lastPass: (place: QueuePlace, level: number, fairnessKey: string): Statement => ({
    query: `SELECT pass FROM backlog WHERE ${QUEUE} AND section = ${SECTION.keys} AND level = ? AND name = ?
      ORDER BY queue DESC, section DESC, level DESC, name DESC, pass DESC, task_id DESC LIMIT 1`,
    values: [...queueValues(place), level, fairnessKey],
  }),
  config: (place: QueuePlace): Statement => ({
    query: `SELECT data FROM backlog WHERE ${QUEUE} AND section = ${SECTION.config}`,
    values: queueValues(place),
  }),
  putConfig: (place: QueuePlace, config: Uint8Array): Statement => ({
    query: `INSERT INTO backlog (${PRIMARY_KEY}, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    values: [...queueValues(place), ...rowValues({ section: SECTION.config }), bytesOf(config)],
  }),
  /** In which slot a queue lies. */
  slot: (queue: string): Statement => ({
    query: 'SELECT partition_id FROM queue_slots WHERE queue = ?',
    values: [queue],
  }),
  putSlot: ({ partition, queue }: QueuePlace, stamp: Stamp): Statement => ({
    query: 'INSERT INTO queue_slots (queue, partition_id) VALUES (?, ?) USING TIMESTAMP ?',
    values: [queue, partition, stamp],
  }),
};
