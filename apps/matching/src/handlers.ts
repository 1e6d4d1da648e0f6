import {
  type CallContext,
  type Handlers,
  invalidArgument,
  type MatchingContract,
  stickyWorkerUnavailable,
} from '@duramesh/contracts';
import { QueryTaskReply, type TaskQueuePartition } from '@duramesh/proto';
import { named } from './named.ts';
import type { Slot } from './slot.ts';
import { queryNotFound } from './task-queue/query-board.ts';
import type { TaskQueue } from './task-queue/task-queue.ts';
import { versionHandlers } from './version-handlers.ts';

const STICKY = 2;
/** Left of the caller's deadline for the answer to travel. */
const TAIL_MS = 1_000;
const POLL_TAIL_MS = 250;

/** What the owner of one slot answers. */
export function slotHandlers(slot: Slot): Handlers<MatchingContract> {
  return {
    addTask: async ({ queue, task }) => {
      if (task === undefined) throw invalidArgument('task is not set');
      const taskQueue = await served(slot, queue);
      return taskQueue.add(task);
    },
    pollTask: async (request, context) => {
      const taskQueue = await slot.open(named(request.queue));
      return taskQueue.poll(request, Math.min(request.waitMs, context.remainingMs() - POLL_TAIL_MS));
    },
    resolveOffers: async ({ queue, answers }) => {
      const taskQueue = await slot.find(named(queue));
      for (const { offerId, outcome } of answers) taskQueue?.resolve(offerId, outcome);
      return {};
    },
    cancelPoll: async ({ queue, pollerId }) => {
      const taskQueue = await slot.find(named(queue));
      taskQueue?.cancelPoll(pollerId);
      return {};
    },
    queryTask: async (request, context) => {
      const taskQueue = await served(slot, request.queue);
      return taskQueue.query(request, beforeDeadline(context));
    },
    respondQueryTask: async ({ queue, queryId, result }) => {
      const taskQueue = await slot.find(named(queue));
      if (taskQueue === undefined) throw queryNotFound();
      taskQueue.respondQuery(queryId, result ?? QueryTaskReply.create());
      return {};
    },
    describePartition: async ({ queue }) => (await slot.open(named(queue))).describe(),
    locatePartition: async () => ({ address: slot.address }),
    forwardTask: async ({ queue, task, waitMs }, context) => {
      if (task === undefined) throw invalidArgument('task is not set');
      const taskQueue = await slot.open(named(queue));
      return taskQueue.forward(task, Math.min(waitMs, context.remainingMs() - POLL_TAIL_MS));
    },
    wakePartition: async ({ queue }) => {
      (await slot.open(named(queue))).wake();
      return {};
    },
    cancelWorkerPolls: async ({ queue, workerInstanceKey, identity }) => {
      slot.forgetWorker(workerInstanceKey);
      (await slot.find(named(queue)))?.cancelWorkerPolls(workerInstanceKey, identity);
      return {};
    },
    updateQueueConfig: async (request) => (await slot.open(named(request.queue))).updateConfig(request),
    reloadQueueConfig: async ({ queue }) => {
      await (await slot.find(named(queue)))?.reloadConfig();
      return {};
    },
    unloadStickyQueue: async ({ queue }) => {
      await slot.shutDown(named(queue));
      return {};
    },
    ...versionHandlers(slot),
  };
}

/** A sticky queue that is not in memory has no worker: only a poll brings it there. */
async function served(slot: Slot, queue: TaskQueuePartition | undefined): Promise<TaskQueue> {
  const partition = named(queue);
  if (partition.kind !== STICKY) return slot.open(partition);
  const taskQueue = await slot.find(partition);
  if (taskQueue === undefined) throw stickyWorkerUnavailable();
  return taskQueue;
}

function beforeDeadline(context: CallContext): number {
  const remainingMs = context.remainingMs();
  return Math.max(remainingMs - TAIL_MS, remainingMs / 2);
}
