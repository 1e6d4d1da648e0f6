import { GrpcCode, invalidArgument, ServiceError } from '@duramesh/contracts';
import { updateAbortedByClose } from '@duramesh/engine';
import type { UpdateWithStartReply } from '@duramesh/proto';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { HandlerCall } from '../rpc/handler-call.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import type { RpcRequest, RpcResponse } from '../rpc/rpc-types.ts';
import { awaitUpdate } from '../updates/await-update.ts';
import { ABORTED, multiOperationError, OK, type OperationStatus, statusOf } from '../updates/multi-operation-error.ts';
import { prepareUpdate } from '../updates/prepare-update.ts';
import { prepareStart } from './start-workflow-execution.ts';

type Start = RpcRequest<'StartWorkflowExecution'>;
type Update = RpcRequest<'UpdateWorkflowExecution'>;
type Response = RpcResponse<'ExecuteMultiOperation'>;

interface UpdateWithStart {
  readonly start: Start;
  readonly update: Update;
}

/** temporal.api.workflowservice.v1.WorkflowService/ExecuteMultiOperation */
export const executeMultiOperation =
  (services: FrontendServices): Handler<'ExecuteMultiOperation'> =>
  async (request, call) => {
    const operations = prepare(request, services, call);
    const first = await tryOnce(services, operations, call);
    if (!wasOvertaken(first)) return answer(first);
    // The running workflow has closed on the update: this time it is started with it.
    const second = await tryOnce(services, operations, call);
    if (!wasOvertaken(second)) return answer(second);
    throw multiOperationError([ABORTED, { code: GrpcCode.ABORTED, message: updateAbortedByClose.message }]);
  };

/** @throws ServiceError when the operations are not those that can be executed together, or one of them is wrong */
function prepare(
  request: RpcRequest<'ExecuteMultiOperation'>,
  services: FrontendServices,
  call: HandlerCall,
): UpdateWithStart {
  const [first, second] = request.operations ?? [];
  const start = first?.startWorkflow;
  const update = second?.updateWorkflow;
  if (request.operations?.length !== 2 || !start || !update) {
    throw invalidArgument('Operations have to be exactly [Start, Update].');
  }
  const statuses = [
    problemOf(() => {
      requireNamespace(start, request);
      requireStartAlone(start);
      prepareStart(start, call.namespace, services);
    }),
    problemOf(() => {
      requireNamespace(update, request);
      requireUpdateOfStart(update, start);
      prepareUpdate(update, services);
    }),
  ];
  if (statuses.some((status) => status !== undefined)) {
    throw multiOperationError(statuses.map((status) => status ?? ABORTED));
  }
  return { start, update };
}

function problemOf(check: () => void): OperationStatus | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ServiceError) return statusOf(error);
    throw error;
  }
}

function requireNamespace({ namespace }: Start | Update, request: RpcRequest<'ExecuteMultiOperation'>): void {
  if (namespace !== request.namespace) {
    throw invalidArgument("Operation namespace did not match request's namespace.");
  }
}

function requireStartAlone({ cronSchedule, requestEagerExecution, workflowStartDelay }: Start): void {
  if (cronSchedule) throw invalidArgument('CronSchedule is not allowed.');
  if (requestEagerExecution) throw invalidArgument('RequestEagerExecution is not supported.');
  if (workflowStartDelay) throw invalidArgument('WorkflowStartDelay is not supported.');
}

function requireUpdateOfStart({ workflowExecution, firstExecutionRunId }: Update, { workflowId }: Start): void {
  if (firstExecutionRunId) throw invalidArgument('FirstExecutionRunId is not allowed.');
  if (workflowExecution?.runId) throw invalidArgument('RunId is not allowed.');
  if (workflowExecution?.workflowId !== workflowId) {
    throw invalidArgument('WorkflowId is not consistent with previous operation(s).');
  }
}

/** What one try came to; a start that is refused is thrown. */
type Tried =
  | { readonly kind: 'done'; readonly response: Response }
  | { readonly kind: 'failed'; readonly start: OperationStatus; readonly update: OperationStatus };

/** The update went to a workflow that closed before it took it, and that this request had not started. */
const wasOvertaken = (tried: Tried): boolean =>
  tried.kind === 'failed' && tried.start === ABORTED && tried.update.message === updateAbortedByClose.message;

function answer(tried: Tried): Response {
  if (tried.kind === 'failed') throw multiOperationError([tried.start, tried.update]);
  return tried.response;
}

async function tryOnce(
  services: FrontendServices,
  { start, update }: UpdateWithStart,
  call: HandlerCall,
): Promise<Tried> {
  const watchId = services.ids.uuid();
  const decided = await decide(services, { start, update, watchId }, call);
  const startWorkflow = decided.start ?? {};
  const startStatus = startWorkflow.started ? OK : ABORTED;
  if (decided.updateError) return { kind: 'failed', start: startStatus, update: decided.updateError };
  const workflowExecution = { workflowId: start.workflowId ?? '', runId: startWorkflow.runId ?? '' };
  try {
    const updateWorkflow =
      decided.update ?? (await awaitUpdate(services, call, { request: { ...update, workflowExecution }, watchId }));
    return { kind: 'done', response: { responses: [{ startWorkflow }, { updateWorkflow }] } };
  } catch (error) {
    if (error instanceof ServiceError) return { kind: 'failed', start: startStatus, update: statusOf(error) };
    throw error;
  }
}

/** @throws ServiceError when the start is refused */
async function decide(
  { history }: FrontendServices,
  asked: UpdateWithStart & { readonly watchId: string },
  call: HandlerCall,
): Promise<UpdateWithStartReply> {
  try {
    return await history.updateWithStart({ namespace: namespaceRef(call.namespace), ...asked }, call.options());
  } catch (error) {
    if (error instanceof ServiceError) throw multiOperationError([statusOf(error), ABORTED]);
    throw error;
  }
}
