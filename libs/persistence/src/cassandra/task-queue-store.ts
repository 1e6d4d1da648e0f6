import type { CommitResult, Lease } from '../api/execution-store.ts';
import type { BacklogPosition, BacklogTask, TaskQueueStore } from '../api/task-queue-store.ts';
import {
  backlogs,
  type Line,
  linesOf,
  type QueuePlace,
  type TaskIdRow,
  type TaskPlace,
  type TaskRow,
} from './backlog.ts';
import type { Connection, Statement } from './connect.ts';
import type { Lanes } from './lanes.ts';
import type { LaneWrite, PreparedWrite } from './lane-write.ts';
import { Recent } from '../recent.ts';
import type { Stamp } from './stamp.ts';

const MAX_KNOWN_QUEUES = 50_000;
/** Rows that one query names. */
const CHUNK = 500;

/**
 * Backlogs lie in the partition of their slot, under its lease. Nobody else writes there while the lease is ours, so what a
 * write has to know is read before it, and the lease is the only condition of its batch.
 */
export class CassandraTaskQueueStore implements TaskQueueStore {
  readonly #connection: Connection;
  readonly #lanes: Lanes;
  /** The slots of queues, as they were read or written by this process. */
  readonly #slots = new Recent<number>(MAX_KNOWN_QUEUES);
  readonly #written = new Recent<true>(MAX_KNOWN_QUEUES);

  constructor(connection: Connection, lanes: Lanes) {
    this.#connection = connection;
    this.#lanes = lanes;
  }

  append(lease: Lease, queue: string, tasks: readonly BacklogTask[]): Promise<CommitResult> {
    const place = { partition: lease.partition, queue };
    const sizeBytes = tasks.reduce((bytes, { data }) => bytes + data.byteLength, 0);
    return this.#submit({ lease, place, sizeBytes }, async () => {
      const fresh = await this.#freshTasks(place, tasks);
      return fresh?.flatMap((task) => backlogs.put(place, task));
    });
  }

  async read(
    queue: string,
    level: number,
    page: { readonly after: BacklogPosition; readonly limit: number },
  ): Promise<readonly BacklogTask[]> {
    const place = await this.#find(queue);
    if (place === undefined) return [];
    const rows = await this.#connection.read<TaskRow>(backlogs.inOrder(place, level, page));
    return rows.map((row) => ({
      taskId: Number(row.task_id),
      level,
      pass: row.pass,
      fairnessKey: row.fairness_key,
      dedupeKey: row.dedupe_key,
      data: row.data ?? new Uint8Array(),
      expiresMs: row.expires_at,
    }));
  }

  remove(lease: Lease, queue: string, taskIds: readonly number[]): Promise<CommitResult> {
    const place = { partition: lease.partition, queue };
    return this.#submit({ lease, place, sizeBytes: 0 }, async () => {
      const tasks = await this.#tasksOf(place, taskIds);
      const fromLines = await Promise.all(byLine(tasks).map((line) => this.#removal(place, line)));
      return [...tasks.flatMap((task) => backlogs.dropNames(place, task)), ...fromLines.flat()];
    });
  }

  async countByLevel(queue: string): Promise<ReadonlyMap<number, number>> {
    const place = await this.#find(queue);
    if (place === undefined) return new Map();
    const rows = await this.#connection.read<{ readonly level: number; readonly tasks: bigint }>(
      backlogs.counts(place),
    );
    return new Map(rows.map(({ level, tasks }) => [level, Number(tasks)]));
  }

  async lastPass(queue: string, level: number, fairnessKey: string): Promise<number | undefined> {
    const place = await this.#find(queue);
    if (place === undefined) return undefined;
    const [row] = await this.#connection.read<TaskRow>(backlogs.lastPass(place, level, fairnessKey));
    return row?.pass;
  }

  async readConfig(queue: string): Promise<Uint8Array | undefined> {
    const place = await this.#find(queue);
    if (place === undefined) return undefined;
    const [row] = await this.#connection.read<{ readonly data: Uint8Array | null }>(backlogs.config(place));
    return row && (row.data ?? new Uint8Array());
  }

  writeConfig(lease: Lease, queue: string, config: Uint8Array): Promise<CommitResult> {
    const place = { partition: lease.partition, queue };
    return this.#submit({ lease, place, sizeBytes: config.byteLength }, async () => [
      backlogs.putConfig(place, config),
    ]);
  }

  /** Tasks are mostly removed in their order: what goes from the front of a line goes with one deletion, others one by one. */
  async #removal(place: QueuePlace, { line, tasks }: TasksOfLine): Promise<readonly Statement[]> {
    const waiting = await this.#connection.read<Pick<TaskRow, 'pass' | 'task_id'>>(
      backlogs.firstOf(place, line, tasks.size + 1),
    );
    const staying = waiting.findIndex((row) => !tasks.has(Number(row.task_id)));
    const front = (staying < 0 ? waiting : waiting.slice(0, staying)).map((row) => Number(row.task_id));
    const last = tasks.get(front.at(-1) ?? Number.NaN);
    const others = new Map(tasks);
    for (const taskId of front) others.delete(taskId);
    const oneByOne = [...others.values()].map((task) => backlogs.dropOf(place, line, task));
    return last === undefined ? oneByOne : [backlogs.dropUntil(place, line, last), ...oneByOne];
  }

  /** @param rows what the batch is to hold, undefined for a conflict */
  #submit(
    { lease, place, sizeBytes }: { readonly lease: Lease; readonly place: QueuePlace; readonly sizeBytes: number },
    rows: () => Promise<readonly Statement[] | undefined>,
  ): Promise<CommitResult> {
    const prepare = async (stamp: Stamp): Promise<PreparedWrite | 'conflict'> => {
      const batch = await rows();
      if (batch === undefined) return 'conflict';
      const ahead = this.#written.get(place.queue) ? [] : [backlogs.putSlot(place, stamp)];
      const committed = (): readonly Statement[] => {
        this.#written.set(place.queue, true);
        this.#slots.set(place.queue, place.partition);
        return [];
      };
      return { ahead, batch, holds: async () => true, committed, dropped: () => [] };
    };
    const write: LaneWrite = { lease, subject: place.queue, sizeBytes, prepare };
    return this.#lanes.submit(write);
  }

  async #find(queue: string): Promise<QueuePlace | undefined> {
    const known = this.#slots.get(queue);
    if (known !== undefined) return { queue, partition: known };
    const [row] = await this.#connection.read<{ readonly partition_id: number }>(backlogs.slot(queue));
    if (row === undefined) return undefined;
    this.#slots.set(queue, row.partition_id);
    return { queue, partition: row.partition_id };
  }

  /** The tasks that do not wait already, or undefined when an id is taken by other work. */
  async #freshTasks(place: QueuePlace, tasks: readonly BacklogTask[]): Promise<readonly BacklogTask[] | undefined> {
    const waiting = await this.#waitingNames(
      place,
      tasks.map(({ dedupeKey }) => dedupeKey),
    );
    const fresh = new Map<string, BacklogTask>();
    for (const task of tasks) {
      if (!waiting.has(task.dedupeKey) && !fresh.has(task.dedupeKey)) fresh.set(task.dedupeKey, task);
    }
    const ids = [...fresh.values()].map(({ taskId }) => taskId);
    if (new Set(ids).size < ids.length || (await this.#tasksOf(place, ids)).length > 0) return undefined;
    return [...fresh.values()];
  }

  async #waitingNames(place: QueuePlace, names: readonly string[]): Promise<ReadonlySet<string>> {
    const read = (part: readonly string[]): Promise<readonly { readonly name: string }[]> =>
      this.#connection.read(backlogs.byNames(place, part));
    const rows = await Promise.all(chunks(names).map(read));
    return new Set(rows.flat().map(({ name }) => name));
  }

  async #tasksOf(place: QueuePlace, taskIds: readonly number[]): Promise<readonly TaskPlace[]> {
    const read = (part: readonly number[]): Promise<readonly TaskIdRow[]> =>
      this.#connection.read(backlogs.byIds(place, part));
    const rows = await Promise.all(chunks(taskIds).map(read));
    return rows.flat().map((row) => ({
      taskId: Number(row.task_id),
      level: row.task_level,
      pass: row.task_pass,
      dedupeKey: row.dedupe_key,
      fairnessKey: row.fairness_key,
    }));
  }
}

interface TasksOfLine {
  readonly line: Line;
  /** By task id. */
  readonly tasks: ReadonlyMap<number, TaskPlace>;
}

function byLine(tasks: readonly TaskPlace[]): readonly TasksOfLine[] {
  const lines = new Map<string, { line: Line; tasks: Map<number, TaskPlace> }>();
  for (const task of tasks) {
    for (const line of linesOf(task)) {
      const name = `${line.section}/${line.level}/${line.name}`;
      const known = lines.get(name) ?? { line, tasks: new Map() };
      known.tasks.set(task.taskId, task);
      lines.set(name, known);
    }
  }
  return [...lines.values()];
}

function chunks<T>(values: readonly T[]): readonly (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  for (let from = 0; from < values.length; from += CHUNK) parts.push(values.slice(from, from + CHUNK));
  return parts;
}
