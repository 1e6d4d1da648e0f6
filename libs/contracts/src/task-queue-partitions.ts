import type { TaskQueuePartition } from '@duramesh/proto';
import { fnv1a32 } from '@duramesh/runtime';

const NORMAL = 1;

/** Into how many partitions a task queue is split. There are never more to write to than to read from. */
export interface PartitionCounts {
  /** New tasks go to the first so many. */
  readonly write: number;
  /** Workers are spread over so many: more than `write` while the rest is drained. */
  readonly read: number;
}

type Queue = Pick<TaskQueuePartition, 'namespaceId' | 'name' | 'type'>;

/** The partitions of each queue. Every process of a cluster must be told the same. */
export type PartitionsOf = (queue: Queue) => PartitionCounts;

/** Counts for the queues of a name, of a type and of a namespace, where these are given. */
export interface PartitionRule {
  readonly name: string | undefined;
  readonly type: number | undefined;
  readonly namespaceId: string | undefined;
  readonly counts: PartitionCounts;
}

const ONE: PartitionCounts = { write: 1, read: 1 };

/** One partition for every queue: one owner can match more than one database can start. */
export const onePartition: PartitionsOf = () => ONE;

/** The rule that says most about a queue decides; of two that say as much, the last. */
export function partitionsBy(rules: readonly PartitionRule[]): PartitionsOf {
  if (rules.length === 0) return onePartition;
  const ranked = rules.toReversed().toSorted((a, b) => precision(b) - precision(a));
  return (queue) => ranked.find((rule) => applies(rule, queue))?.counts ?? ONE;
}

const precision = ({ name, type, namespaceId }: PartitionRule): number =>
  [name, type, namespaceId].filter((part) => part !== undefined).length;

const applies = (rule: PartitionRule, { name, type, namespaceId }: Queue): boolean =>
  (rule.name === undefined || rule.name === name) &&
  (rule.type === undefined || rule.type === type) &&
  (rule.namespaceId === undefined || rule.namespaceId === namespaceId);

interface Work {
  readonly runId: string;
  readonly scheduledEventId: number;
}

/** Where a task goes: always to the same partition, so that adding it again finds it there. */
export function writePartition(queue: TaskQueuePartition, work: Work, partitionsOf: PartitionsOf): number {
  if (queue.kind !== NORMAL) return 0;
  const { write } = partitionsOf(queue);
  return write === 1 ? 0 : fnv1a32(`${work.runId}/${work.scheduledEventId}`) % write;
}

const CHILD_NAME = /^\/_sys\/(.+)\/([1-9]\d*)$/;

/** The name of a partition where the API shows one: the root's is that of its queue. */
export const partitionName = (name: string, partition: number): string =>
  partition === 0 ? name : `/_sys/${name}/${partition}`;

/** The queue and the number of a child partition's name; undefined for any other name. */
export function childPartition(name: string): { readonly name: string; readonly partition: number } | undefined {
  const [, queue, partition] = CHILD_NAME.exec(name) ?? [];
  return queue === undefined ? undefined : { name: queue, partition: Number(partition) };
}
