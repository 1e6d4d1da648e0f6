import type { Parser } from './parsers.ts';

const types = { workflow: 1, activity: 2, nexus: 3 } as const;
/** Everything in one queue goes through its root when it does not meet elsewhere: more would only stand in line there. */
const MOST = 64;
const FORM = /^(?:(?<queue>.+)=)?(?<write>\d{1,3})(?:\/(?<read>\d{1,3}))?$/;
const QUEUE_FORM =
  /^(?:(?<namespaceId>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/)?(?<name>.+?)(?::(?<type>workflow|activity|nexus))?$/i;

/** How many partitions some task queues have; all of them where neither name, type nor namespace is given. */
export interface TaskQueuePartitionsRule {
  readonly name: string | undefined;
  /** TaskQueueType */
  readonly type: number | undefined;
  readonly namespaceId: string | undefined;
  readonly counts: { readonly write: number; readonly read: number };
}

/** `4`, `2/4`, `QUEUE=4`, `QUEUE:activity=4`, `NAMESPACE_ID/QUEUE:workflow=2/4` */
export const taskQueuePartitions: Parser<TaskQueuePartitionsRule> = (given) => {
  const { queue, write: writeText = '', read: readText = writeText } = FORM.exec(given.trim())?.groups ?? {};
  const [write, read] = [Number(writeText), Number(readText)];
  if (writeText === '' || write < 1 || read < write || read > MOST) {
    return { ok: false, mustBe: `a number from 1 to ${MOST}, as in 4, 2/4, QUEUE=4 or NAMESPACE_ID/QUEUE:activity=4` };
  }
  const counts = { write, read };
  if (queue === undefined) {
    return { ok: true, value: { name: undefined, type: undefined, namespaceId: undefined, counts } };
  }
  const { namespaceId, name = queue, type } = QUEUE_FORM.exec(queue)?.groups ?? {};
  return { ok: true, value: { name, type: typeOf(type), namespaceId: namespaceId?.toLowerCase(), counts } };
};

const typeOf = (name: string | undefined): number | undefined =>
  Object.entries(types).find(([known]) => known === name?.toLowerCase())?.[1];
