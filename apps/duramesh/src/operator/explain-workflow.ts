import {
  type Client,
  GrpcCode,
  type HistoryContract,
  invalidArgument,
  type MatchingContract,
  partitionKey,
  partitionOf,
  type PartitionsOf,
  ServiceError,
  workflowKey,
} from '@duramesh/contracts';
import { StoreFault } from '@duramesh/persistence';
import {
  type AwaitedQueue,
  Explanation,
  type ExplainWorkflowRequest,
  type NamespaceRecord,
  NamespaceRef,
  Reason,
  type TaskQueuePartition,
} from '@duramesh/proto';
import type { Clock } from '@duramesh/runtime';
import type { ClusterParts } from './cluster-view.ts';
import { shardReason } from './owner-reason.ts';
import { queueReason } from './queue-reason.ts';

/** How long the owner of a shard or of a queue may take. */
const PATIENCE = { timeoutMs: 3_000 };
const NORMAL = 1;
const STICKY = 2;

export interface ExplainParts extends ClusterParts {
  readonly history: Client<HistoryContract>;
  readonly matching: Client<MatchingContract>;
  readonly partitionsOf: PartitionsOf;
  readonly clock: Clock;
}

const isAway = (error: unknown): boolean =>
  error instanceof ServiceError && (error.code === GrpcCode.UNAVAILABLE || error.code === GrpcCode.DEADLINE_EXCEEDED);
const isNotFound = (error: unknown): boolean => error instanceof ServiceError && error.code === GrpcCode.NOT_FOUND;

/**
 * Puts together what the state of a run says, what matching knows of its queues, and who owns its shard.
 * @throws ServiceError INVALID_ARGUMENT when nothing can be looked for
 */
export async function explainWorkflow(parts: ExplainParts, request: ExplainWorkflowRequest): Promise<Explanation> {
  const { workflowId, runId } = request;
  const name = request.namespace || 'default';
  if (workflowId === '') throw invalidArgument('workflow_id is not set');
  const about = Explanation.create({ namespace: name, workflowId, runId });
  let namespace: NamespaceRecord | undefined;
  try {
    namespace = await parts.store.namespaces.readByName(name);
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
    return { ...about, reasons: [storeAway(error)] };
  }
  if (namespace === undefined) return { ...about, reasons: [noNamespace(name)] };
  const shard = partitionOf(workflowKey(namespace.id, workflowId), parts.facts.historyShards);
  try {
    const ref = NamespaceRef.create({ id: namespace.id, name });
    const told = await parts.history.explainRun({ namespace: ref, workflowId, runId }, PATIENCE);
    const reasons = await Promise.all(told.reasons.map((reason) => withQueue(parts, namespace.id, reason)));
    return { ...told, reasons };
  } catch (error) {
    if (isNotFound(error)) return { ...about, shard, reasons: [noRun(about)] };
    if (!isAway(error)) throw error;
    return { ...about, shard, reasons: [await shardReason(parts, 'history', shard)] };
  }
}

/** The state says that a task waits on a queue; matching knows why it does. */
async function withQueue(parts: ExplainParts, namespaceId: string, reason: Reason): Promise<Reason> {
  const { queue } = reason;
  if (!queue) return reason;
  const partitions = partitionsOf(parts, namespaceId, queue);
  try {
    const ask = (it: TaskQueuePartition) => parts.matching.describePartition({ queue: it }, PATIENCE);
    return queueReason(reason, { queue, partitions: await Promise.all(partitions.map(ask)) }, parts.clock.now());
  } catch (error) {
    if (!isAway(error)) throw error;
    const { code, text, advice } = await shardReason(parts, 'matching', slotOf(parts, partitions));
    return { ...reason, code, advice, text: `${reason.text} ${text}` };
  }
}

function partitionsOf(parts: ExplainParts, namespaceId: string, queue: AwaitedQueue): TaskQueuePartition[] {
  const { name, type, sticky, normalName } = queue;
  const count = sticky ? 1 : parts.partitionsOf({ namespaceId, name, type }).read;
  const kind = sticky ? STICKY : NORMAL;
  return Array.from({ length: count }, (_, partition) => ({ namespaceId, name, type, kind, partition, normalName }));
}

function slotOf({ facts }: ExplainParts, [queue]: readonly TaskQueuePartition[]): number {
  return queue ? partitionOf(partitionKey(queue), facts.matchingSlots) : 0;
}

const noNamespace = (name: string): Reason =>
  Reason.create({
    code: 'NOT_FOUND',
    text: `There is no namespace ${name}.`,
    advice: 'Name another one with --namespace; temporal operator namespace list shows all.',
  });

const noRun = ({ namespace, workflowId, runId }: Explanation): Reason =>
  Reason.create({
    code: 'NOT_FOUND',
    text: `There is no workflow ${workflowId}${runId === '' ? '' : `, run ${runId},`} in namespace ${namespace}.`,
    advice: 'Check the id and --namespace. A closed run is removed when its retention has passed.',
  });

const storeAway = ({ message }: StoreFault): Reason =>
  Reason.create({
    code: 'STORE_AWAY',
    text: `The database does not answer: ${message}`,
    advice: 'Bring the database back: everything goes on by itself then.',
  });
