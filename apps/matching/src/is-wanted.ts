import { type Client, GrpcCode, type HistoryContract, ServiceError } from '@duramesh/contracts';
import { NamespaceRef, type TaskQueuePartition, type TaskRef } from '@duramesh/proto';

/** Asks history whether a run still waits for a task. */
export const isWantedBy =
  (history: Client<HistoryContract>) =>
  async ({ namespaceId }: TaskQueuePartition, task: TaskRef): Promise<boolean> => {
    const { workflowId, runId, scheduledEventId, attempt, stamp } = task;
    const namespace = NamespaceRef.create({ id: namespaceId });
    try {
      const call = { namespace, workflowId, runId, scheduledEventId, attempt, stamp };
      return (await history.validateTask(call)).wanted;
    } catch (error) {
      if (error instanceof ServiceError && error.code === GrpcCode.NOT_FOUND) return false;
      throw error;
    }
  };
