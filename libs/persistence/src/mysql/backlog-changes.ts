import type { BacklogTask } from '../api/task-queue-store.ts';
import { textIn } from './literals.ts';
import type { Questions } from './questions.ts';
import {
  backlogDedupeKey,
  backlogRows,
  backlogTaskId,
  deleteRows,
  insertRows,
  queueConfigRows,
  type Row,
  selectLocked,
} from './statements.ts';

/** A queue as the writes of the group have left it so far, as far as they need to know it. */
interface Queue {
  /** The dedupe keys of waiting tasks by their ids. */
  readonly waiting: Map<number, string>;
  readonly dedupeKeys: Set<string>;
  readonly added: Map<number, BacklogTask>;
  readonly removed: Set<number>;
  config: Uint8Array | undefined;
}

/** Only what is added must be compared with what waits. */
export interface Added {
  readonly queue: string;
  readonly tasks: readonly BacklogTask[];
}

/** What a group of writes does to stored backlogs and to the configurations of queues. */
export class BacklogChanges {
  readonly #queues = new Map<string, Queue>();
  readonly volume = { rows: 0, bytes: 0 };

  constructor(questions: Questions, added: readonly Added[]) {
    const ids = added.flatMap(({ queue, tasks }) => tasks.map(({ taskId }): Row => [queue, taskId]));
    const dedupeKeys = added.flatMap(({ queue, tasks }) => tasks.map(({ dedupeKey }): Row => [queue, dedupeKey]));
    const take = (rows: readonly unknown[][]): void => {
      for (const [queue, taskId, dedupeKey] of rows as [Uint8Array, number, Uint8Array][]) {
        this.#wait(this.#queue(textIn(queue)), taskId, textIn(dedupeKey));
      }
    };
    const lock = { columns: 'queue, task_id, dedupe_key', lock: 'FOR UPDATE' } as const;
    questions.ask(selectLocked(backlogTaskId, { ...lock, keys: ids }), take);
    questions.ask(selectLocked(backlogDedupeKey, { ...lock, keys: dedupeKeys }), take);
  }

  /** Leaves out what waits already; an id that other work has is a conflict that adds nothing. */
  append(queueName: string, tasks: readonly BacklogTask[]): 'committed' | 'conflict' {
    const queue = this.#queue(queueName);
    const fresh = new Map<string, BacklogTask>();
    const ids = new Set<number>();
    for (const task of tasks) {
      if (queue.dedupeKeys.has(task.dedupeKey) || fresh.has(task.dedupeKey)) continue;
      if (queue.waiting.has(task.taskId) || ids.has(task.taskId)) return 'conflict';
      fresh.set(task.dedupeKey, task);
      ids.add(task.taskId);
    }
    for (const task of fresh.values()) {
      this.#wait(queue, task.taskId, task.dedupeKey);
      queue.added.set(task.taskId, task);
    }
    return 'committed';
  }

  remove(queueName: string, taskIds: readonly number[]): 'committed' {
    const queue = this.#queue(queueName);
    for (const taskId of taskIds) {
      const dedupeKey = queue.waiting.get(taskId);
      queue.waiting.delete(taskId);
      if (dedupeKey !== undefined) queue.dedupeKeys.delete(dedupeKey);
      if (!queue.added.delete(taskId)) queue.removed.add(taskId);
    }
    return 'committed';
  }

  configure(queueName: string, config: Uint8Array): 'committed' {
    this.#queue(queueName).config = config;
    return 'committed';
  }

  /** Deletions first. */
  statements(maxChars: number): string[] {
    const removed: Row[] = [];
    const added: Row[] = [];
    const configs: Row[] = [];
    for (const [name, queue] of this.#queues) {
      for (const taskId of queue.removed) removed.push([name, taskId]);
      for (const task of queue.added.values()) added.push(taskRow(name, task));
      if (queue.config !== undefined) configs.push([name, queue.config]);
      for (const { data } of queue.added.values()) this.volume.bytes += data.byteLength;
      this.volume.bytes += queue.config?.byteLength ?? 0;
    }
    this.volume.rows += added.length + configs.length;
    return [
      ...deleteRows(backlogTaskId, removed),
      ...insertRows(backlogRows, added, maxChars),
      ...insertRows(queueConfigRows, configs, maxChars),
    ];
  }

  #wait(queue: Queue, taskId: number, dedupeKey: string): void {
    queue.waiting.set(taskId, dedupeKey);
    queue.dedupeKeys.add(dedupeKey);
  }

  #queue(name: string): Queue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue: Queue = {
      waiting: new Map(),
      dedupeKeys: new Set(),
      added: new Map(),
      removed: new Set(),
      config: undefined,
    };
    this.#queues.set(name, queue);
    return queue;
  }
}

const taskRow = (queue: string, task: BacklogTask): Row => [
  queue,
  task.taskId,
  task.level,
  task.pass,
  task.fairnessKey,
  task.dedupeKey,
  task.expiresMs,
  task.data,
];
