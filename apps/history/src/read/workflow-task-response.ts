import type { StartedWorkflowTask } from '@duramesh/engine';
import { toTimestamp } from '@duramesh/engine';
import type { ExecutionStore } from '@duramesh/persistence';
import { HistoryPageToken, type Plain, publicCodec, type temporal, WorkflowTaskToken } from '@duramesh/proto';
import type { CachedRun } from '../shard/run-cache.ts';
import { FieldAppender } from './encoded.ts';
import { encodeEvents, noSuchEvents, readBatches } from './history-reader.ts';

type PollResponse = Plain<temporal.api.workflowservice.v1.IPollWorkflowTaskQueueResponse>;
type Query = Plain<temporal.api.query.v1.IWorkflowQuery>;

const TYPE_NAME = 'temporal.api.workflowservice.v1.PollWorkflowTaskQueueResponse';
const pollResponse = publicCodec<PollResponse>(TYPE_NAME);
let historyField: FieldAppender | undefined;
const KIND_NORMAL = 1;
/** Batches in one answer. @see spec-history 2.4 */
const PAGE_BATCHES = 256;

export interface WorkflowTaskAnswer {
  readonly run: CachedRun;
  readonly task: StartedWorkflowTask;
  /** Buffered queries that ride on the task, by id. */
  readonly queries: Readonly<Record<string, Query>>;
}

/** The encoded poll answer for a workflow task that was just started. @see spec-history 2.4 */
export async function workflowTaskResponse(store: ExecutionStore, answer: WorkflowTaskAnswer): Promise<Uint8Array> {
  const { run, task } = answer;
  const fromEventId = task.sticky ? task.previousStartedEventId + 1 : 1;
  // Everything up to the started event; a task that is not in history yet brings its own last events along.
  const untilEventId = task.virtualEvents[0]?.eventId ?? task.startedEventId + 1;
  const page = await readHistoryPage(store, run, { fromEventId, untilEventId, maxBatches: PAGE_BATCHES });
  const isLast = page.nextEventId === undefined;
  const parts =
    isLast && task.virtualEvents.length > 0 ? [...page.parts, encodeEvents(task.virtualEvents)] : page.parts;
  const { namespaceId, workflowId, runId } = run.key;
  const head = pollResponse.encode({
    taskToken: WorkflowTaskToken.encode({
      namespaceId,
      workflowId,
      runId,
      scheduledEventId: task.scheduledEventId,
      startedEventId: task.startedEventId,
      startedTimeMs: task.startedMs,
      attempt: task.attempt,
      stamp: task.stamp,
      traceparent: run.state.info.traceparent,
    }),
    workflowExecution: { workflowId, runId },
    workflowType: { name: task.workflowType },
    previousStartedEventId: task.previousStartedEventId,
    startedEventId: task.startedEventId,
    attempt: task.attempt,
    workflowExecutionTaskQueue: { name: task.normalTaskQueue, kind: KIND_NORMAL },
    scheduledTime: toTimestamp(task.scheduledMs),
    startedTime: toTimestamp(task.startedMs),
    queries: answer.queries,
    messages: task.messages,
    ...(isLast
      ? {}
      : { nextPageToken: pageToken(task, run, { nextEventId: page.nextEventId ?? 0, endEventId: untilEventId }) }),
  });
  historyField ??= new FieldAppender(TYPE_NAME, 'history');
  return historyField.append(head, parts);
}

function pageToken(
  task: StartedWorkflowTask,
  { key }: CachedRun,
  range: { readonly nextEventId: number; readonly endEventId: number },
): Uint8Array {
  const transient = task.virtualEvents.length > 0;
  return HistoryPageToken.encode({ runId: key.runId, ...range, running: true, transient });
}

export interface HistoryPage {
  readonly parts: readonly Uint8Array[];
  /** Where the next page begins; undefined on the last one. */
  readonly nextEventId: number | undefined;
}

/**
 * Encoded batches of a history, never split.
 * @throws ServiceError NOT_FOUND when the run was removed since it was read, DATA_LOSS when its history has no such events
 */
export async function readHistoryPage(
  store: ExecutionStore,
  run: CachedRun,
  range: { readonly fromEventId: number; readonly untilEventId: number; readonly maxBatches: number },
): Promise<HistoryPage> {
  if (range.fromEventId >= range.untilEventId) return { parts: [], nextEventId: undefined };
  const batches = await readBatches(store, run, range);
  const last = batches.at(-1)?.lastEventId;
  if (last === undefined) throw await noSuchEvents(store, run.key, range.fromEventId);
  const nextEventId = last + 1 < range.untilEventId ? last + 1 : undefined;
  return { parts: batches.map((batch) => batch.data), nextEventId };
}

/** The encoded poll answer that asks a worker a query and starts no task. @see spec-matching 2.8 */
export async function queryTaskResponse(
  store: ExecutionStore,
  query: { readonly run: CachedRun; readonly query: Query; readonly taskToken: Uint8Array; readonly sticky: boolean },
): Promise<Uint8Array> {
  const { run, sticky } = query;
  const { info } = run.state;
  const untilEventId = info.nextEventId;
  const page = sticky
    ? { parts: [], nextEventId: undefined }
    : await readHistoryPage(store, run, { fromEventId: 1, untilEventId, maxBatches: PAGE_BATCHES });
  const token =
    page.nextEventId === undefined
      ? {}
      : {
          nextPageToken: HistoryPageToken.encode({
            runId: info.runId,
            nextEventId: page.nextEventId,
            endEventId: untilEventId,
            running: true,
            transient: false,
          }),
        };
  const head = pollResponse.encode({
    taskToken: query.taskToken,
    workflowExecution: { workflowId: info.workflowId, runId: info.runId },
    workflowType: { name: info.workflowType },
    previousStartedEventId: info.previousStartedEventId,
    attempt: 1,
    workflowExecutionTaskQueue: { name: info.taskQueue, kind: KIND_NORMAL },
    query: query.query,
    ...token,
  });
  historyField ??= new FieldAppender(TYPE_NAME, 'history');
  return historyField.append(head, page.parts);
}
