import { type EntityTask, type TaskDraft, taskName } from '@duramesh/engine';
import type { ExecutionKey } from '@duramesh/persistence';

/** Immediate work of whatever lives on a shard. */
export type QueueTask = TaskDraft | EntityTask;
export const nameOfTask = (task: QueueTask): string => ('name' in task ? task.name : taskName(task));

/** What lives on a shard, as the queues need to know it: a run, or an entity of another kind. */
export interface Resident {
  readonly key: ExecutionKey;
  readonly shard: number;
  /** When something becomes due; 0 means never. */
  readonly wakeAtMs: number;
  /** That moment is in the store too. */
  readonly isStored: boolean;
  /** Immediate work that follows from its state. */
  readonly tasks: readonly QueueTask[];
}
export type Place = Pick<Resident, 'key' | 'shard'>;

/** Everything that lives on the shards of this process. */
export interface Residents {
  owns(shard: number): boolean;
  /** @throws ServiceError NOT_FOUND when there is no such thing */
  read(key: ExecutionKey): Promise<Resident>;
  /** Time has passed: what is due happens. */
  wake(key: ExecutionKey): Promise<void>;
  /** Does what a task asks for. It may be done twice, and comes to the same. */
  carryOut(place: Place, task: QueueTask): Promise<void>;
}
