import { invalidArgument, workflowServiceCodec } from '@duramesh/contracts';
import { type CommandOf, payloadsSizeBytes, type ReplyOf } from '@duramesh/engine';
import {
  type NamespaceRef,
  type Plain,
  QueryTaskReply,
  RunState,
  type temporal,
  WorkflowTaskToken,
} from '@duramesh/proto';
import { activityTaskResponse } from '../read/activity-task-response.ts';
import { FieldAppender } from '../read/encoded.ts';
import { workflowTaskResponse } from '../read/workflow-task-response.ts';
import type { CachedRun } from '../shard/run-cache.ts';
import { type Handler, type HandlerParts, namespaceOf, refOf } from './handler.ts';

type Response = Plain<temporal.api.workflowservice.v1.IRespondWorkflowTaskCompletedResponse>;
type QueryResults = NonNullable<
  Plain<temporal.api.workflowservice.v1.IRespondWorkflowTaskCompletedRequest>['queryResults']
>;

const NAME = 'RespondWorkflowTaskCompletedResponse';
const responseCodec = workflowServiceCodec<Response>(NAME);
let taskField: FieldAppender | undefined;
const EMPTY = new Uint8Array(0);
const ANSWER_TOO_LARGE = 'Blob data size exceeds limit.';

/** @throws ServiceError INVALID_ARGUMENT when the bytes are no token of ours */
export function decodeWorkflowTaskToken(bytes: Uint8Array | undefined): WorkflowTaskToken {
  try {
    return WorkflowTaskToken.decode(bytes ?? EMPTY);
  } catch {
    throw invalidArgument('error deserializing task token');
  }
}

/** The task as its token names it. */
export const heldBy = (token: WorkflowTaskToken): CommandOf<'CompleteWorkflowTask'>['held'] => ({
  scheduledEventId: token.scheduledEventId,
  startedEventId: token.startedEventId,
  startedMs: token.startedTimeMs,
  attempt: token.attempt,
  stamp: token.stamp,
});

export const respondWorkflowTaskCompleted: Handler<'respondWorkflowTaskCompleted'> = (parts) => async (call) => {
  const namespace = namespaceOf(call);
  const request = call.request ?? {};
  const token = decodeWorkflowTaskToken(request.taskToken);
  const ref = refOf(call, token);
  const { reply, run } = await parts.owner.execute(ref, 'CompleteWorkflowTask', { held: heldBy(token), request });
  settleQueries(parts, run, request.queryResults ?? {});
  return { response: await encodeResponse(parts, { namespace, run, reply }) };
};

/** Answers the queries that rode on the task; those it left open ride on the next one or are asked directly. */
function settleQueries({ queryBuffer, deps }: HandlerParts, run: CachedRun, results: QueryResults): void {
  for (const [id, result] of Object.entries(results)) {
    const tooLarge = payloadsSizeBytes(result.answer) > deps.limits.blobSizeBytes;
    const reply = tooLarge
      ? { resultType: 2, errorMessage: ANSWER_TOO_LARGE }
      : { ...result, resultType: result.resultType ?? 0, errorMessage: result.errorMessage ?? '' };
    queryBuffer.answer(run.key, id, QueryTaskReply.create(reply));
  }
  const { info } = run.state;
  if (info.workflowTask === undefined || info.state === RunState.RUN_STATE_COMPLETED) queryBuffer.release(run.key);
}

async function encodeResponse(
  { deps, queryBuffer }: HandlerParts,
  {
    namespace,
    run,
    reply,
  }: {
    readonly namespace: NamespaceRef;
    readonly run: CachedRun;
    readonly reply: ReplyOf<'CompleteWorkflowTask'>;
  },
): Promise<Uint8Array> {
  const { newTask, eagerActivities, resetHistoryEventId } = reply;
  if (!newTask && eagerActivities.length === 0 && resetHistoryEventId === 0) return EMPTY;
  const store = deps.store.executions;
  const activityTasks: Response['activityTasks'] = await Promise.all(
    eagerActivities.map((task) => activityTaskResponse(store, { namespace, run, task })),
  );
  const head = responseCodec.encode({ activityTasks, resetHistoryEventId });
  if (!newTask) return head;
  const queries = queryBuffer.attachable(run.key, newTask);
  const task = await workflowTaskResponse(store, { run, task: newTask, queries });
  taskField ??= new FieldAppender(responseCodec.typeName, 'workflowTask');
  return taskField.append(head, [task]);
}
