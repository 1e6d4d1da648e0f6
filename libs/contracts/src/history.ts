import {
  ActivityAnswerReply,
  AskChildReply,
  AskChildRequest,
  AskParentReply,
  AskParentRequest,
  BuildQueryTaskRequest,
  type Codec,
  CreateWorkerDeploymentCall,
  CreateWorkerDeploymentVersionCall,
  DeleteDeploymentCall,
  DeleteDeploymentVersionCall,
  DeleteExpiredRunReply,
  DeleteExpiredRunRequest,
  DeleteWorkflowCall,
  DescribeDeploymentCall,
  DescribeDeploymentVersionCall,
  DescribeWorkflowRequest,
  Done,
  EncodedResponse,
  ExplainRunRequest,
  Explanation,
  GetHistoryRequest,
  GetHistoryReverseRequest,
  HeartbeatReply,
  type NamespaceRef,
  PauseActivityCall,
  PauseWorkflowCall,
  type Plain,
  PollTimeSkippingRequest,
  PollWorkflowUpdateCall,
  publicCodec,
  QueryWorkflowTaskRequest,
  ReactivateVersionRequest,
  RecordActivityTaskHeartbeatCall,
  RecordActivityTaskStartedRequest,
  RecordChildClosedRequest,
  RecordTaskStartedReply,
  RecordWorkflowTaskStartedRequest,
  RegisterWorkerReply,
  RegisterWorkerRequest,
  RequestCancelWorkflowRequest,
  ResetActivityCall,
  ResetStickyRequest,
  ResetWorkflowCall,
  RespondActivityTaskCanceledCall,
  RespondActivityTaskCompletedCall,
  RespondActivityTaskFailedCall,
  RespondWorkflowTaskCompletedCall,
  RespondWorkflowTaskFailedCall,
  ScheduleFirstWorkflowTaskRequest,
  SetCurrentVersionCall,
  SetDeploymentManagerCall,
  SetRampingVersionCall,
  SignalWithStartWorkflowRequest,
  SignalWorkflowRequest,
  StartChildWorkflowRequest,
  StartWorkflowRequest,
  type temporal,
  TerminateWorkflowRequest,
  UnpauseActivityCall,
  UnpauseWorkflowCall,
  UpdateActivityOptionsCall,
  UpdateVersionMetadataCall,
  UpdateWithStartCall,
  UpdateWithStartReply,
  UpdateWorkflowCall,
  UpdateWorkflowOptionsCall,
  ValidateTaskReply,
  ValidateTaskRequest,
} from '@duramesh/proto';
import type { Method } from './contract.ts';
import { entityNamespace } from './entity-namespace.ts';

/** A public response message by its short name. */
export const workflowServiceCodec = <T extends object>(name: string): Codec<T> =>
  publicCodec<T>(`temporal.api.workflowservice.v1.${name}`);

export type StartWorkflowResponse = Plain<temporal.api.workflowservice.v1.IStartWorkflowExecutionResponse>;
export type SignalWithStartWorkflowResponse =
  Plain<temporal.api.workflowservice.v1.ISignalWithStartWorkflowExecutionResponse>;
export type SignalWorkflowResponse = Plain<temporal.api.workflowservice.v1.ISignalWorkflowExecutionResponse>;
export type PollTimeSkippingResponse =
  Plain<temporal.api.workflowservice.v1.IPollWorkflowExecutionTimeSkippingResponse>;
export type UpdateWorkflowResponse = Plain<temporal.api.workflowservice.v1.IUpdateWorkflowExecutionResponse>;
export type PollWorkflowUpdateResponse = Plain<temporal.api.workflowservice.v1.IPollWorkflowExecutionUpdateResponse>;
export type ResetWorkflowResponse = Plain<temporal.api.workflowservice.v1.IResetWorkflowExecutionResponse>;
export type QueryWorkflowResponse = Plain<temporal.api.workflowservice.v1.IQueryWorkflowResponse>;

export type UpdateActivityOptionsResponse = Plain<temporal.api.workflowservice.v1.IUpdateActivityOptionsResponse>;
export type UpdateWorkflowOptionsResponse =
  Plain<temporal.api.workflowservice.v1.IUpdateWorkflowExecutionOptionsResponse>;

export type CreateDeploymentResponse = Plain<temporal.api.workflowservice.v1.ICreateWorkerDeploymentResponse>;
export type SetCurrentVersionResponse =
  Plain<temporal.api.workflowservice.v1.ISetWorkerDeploymentCurrentVersionResponse>;
export type SetRampingVersionResponse =
  Plain<temporal.api.workflowservice.v1.ISetWorkerDeploymentRampingVersionResponse>;
export type SetDeploymentManagerResponse = Plain<temporal.api.workflowservice.v1.ISetWorkerDeploymentManagerResponse>;
export type UpdateVersionMetadataResponse =
  Plain<temporal.api.workflowservice.v1.IUpdateWorkerDeploymentVersionMetadataResponse>;
export type DescribeDeploymentResponse = Plain<temporal.api.workflowservice.v1.IDescribeWorkerDeploymentResponse>;
export type DescribeDeploymentVersionResponse =
  Plain<temporal.api.workflowservice.v1.IDescribeWorkerDeploymentVersionResponse>;

/** The key that decides the shard: all runs of one workflow id share one owner. */
export const workflowKey = (namespaceId: string, workflowId: string): string => `${namespaceId}_${workflowId}`;

interface Execution {
  readonly workflowId?: string | undefined;
}
type Namespaced = { readonly namespace?: NamespaceRef | undefined };
const keyOf = (request: Namespaced, workflowId: string | undefined): string =>
  workflowKey(request.namespace?.id ?? '', workflowId ?? '');

type ByRequestId = Namespaced & { readonly request?: { readonly workflowId?: string | undefined } | undefined };
type ByExecution = Namespaced & {
  readonly request?: { readonly workflowExecution?: Execution | undefined } | undefined;
};
type ByShortExecution = Namespaced & { readonly request?: { readonly execution?: Execution | undefined } | undefined };
type ByUpdateRef = Namespaced & {
  readonly request?:
    | { readonly updateRef?: { readonly workflowExecution?: Execution | undefined } | undefined }
    | undefined;
};
type ByStart = Namespaced & { readonly start?: Execution | undefined };
type ByField = Namespaced & { readonly workflowId: string };
type ByActivity = Namespaced & { readonly activity?: { readonly workflowId: string } | undefined };

const byRequestId = (r: ByRequestId): string => keyOf(r, r.request?.workflowId);
const byExecution = (r: ByExecution): string => keyOf(r, r.request?.workflowExecution?.workflowId);
const byShortExecution = (r: ByShortExecution): string => keyOf(r, r.request?.execution?.workflowId);
const byUpdateRef = (r: ByUpdateRef): string => keyOf(r, r.request?.updateRef?.workflowExecution?.workflowId);
const byStart = (r: ByStart): string => keyOf(r, r.start?.workflowId);
const byField = (r: ByField): string => keyOf(r, r.workflowId);

/** As the engine names the kind. */
const DEPLOYMENT = 'worker-deployment';
const byDeployment = (r: Namespaced & { readonly name: string }): string =>
  workflowKey(entityNamespace(r.namespace?.id ?? '', DEPLOYMENT), r.name);
const byDeploymentId = (r: { readonly namespaceId: string; readonly name: string }): string =>
  workflowKey(entityNamespace(r.namespaceId, DEPLOYMENT), r.name);
const byActivity = (r: ByActivity): string => keyOf(r, r.activity?.workflowId);

/** What a call is like when nothing else is said. */
type Usual = 'timeoutMs' | 'retry' | 'firstTryMs';
function method<Request, Response>(
  ...[request, response, key, options]: readonly [
    request: Codec<Request>,
    response: Codec<Response>,
    key: (request: Request) => string,
    options?: Partial<Pick<Method<Request, Response>, Usual>>,
  ]
): Method<Request, Response> {
  return { request, response, key, timeoutMs: 10_000, retry: 'safe', ...options };
}

/**
 * The token lets an answer of a worker take effect once. Sent again after it has, it is refused as one that came too late,
 * unless its owner remembers it; so more patience than usual comes first.
 */
const answer = { retry: 'remembered', firstTryMs: 4_000 } as const;

/** A request id is known within the run it came to. */
const byRun = { retry: 'remembered' } as const;

/** Calls answered by the owner of a history shard. */
export const historyContract = {
  service: 'history',
  version: 1,
  methods: {
    startWorkflow: method(
      StartWorkflowRequest,
      workflowServiceCodec<StartWorkflowResponse>('StartWorkflowExecutionResponse'),
      byRequestId,
      byRun,
    ),
    signalWithStartWorkflow: method(
      SignalWithStartWorkflowRequest,
      workflowServiceCodec<SignalWithStartWorkflowResponse>('SignalWithStartWorkflowExecutionResponse'),
      byRequestId,
      byRun,
    ),
    signalWorkflow: method(
      SignalWorkflowRequest,
      workflowServiceCodec<SignalWorkflowResponse>('SignalWorkflowExecutionResponse'),
      byExecution,
      byRun,
    ),
    requestCancelWorkflow: method(RequestCancelWorkflowRequest, Done, byExecution, byRun),
    terminateWorkflow: method(TerminateWorkflowRequest, Done, byExecution, { retry: 'never' }),
    deleteWorkflow: method(DeleteWorkflowCall, Done, byExecution),
    resetWorkflow: method(
      ResetWorkflowCall,
      workflowServiceCodec<ResetWorkflowResponse>('ResetWorkflowExecutionResponse'),
      byExecution,
      { ...byRun, timeoutMs: 30_000 },
    ),
    describeWorkflow: method(DescribeWorkflowRequest, EncodedResponse, byShortExecution),
    explainRun: method(ExplainRunRequest, Explanation, byField),
    getHistory: method(GetHistoryRequest, EncodedResponse, byShortExecution, { timeoutMs: 30_000 }),
    getHistoryReverse: method(GetHistoryReverseRequest, EncodedResponse, byShortExecution),
    queryWorkflow: method(
      QueryWorkflowTaskRequest,
      workflowServiceCodec<QueryWorkflowResponse>('QueryWorkflowResponse'),
      byShortExecution,
      { timeoutMs: 30_000 },
    ),
    pollTimeSkipping: method(
      PollTimeSkippingRequest,
      workflowServiceCodec<PollTimeSkippingResponse>('PollWorkflowExecutionTimeSkippingResponse'),
      byExecution,
      { timeoutMs: 30_000 },
    ),
    updateWorkflow: method(
      UpdateWorkflowCall,
      workflowServiceCodec<UpdateWorkflowResponse>('UpdateWorkflowExecutionResponse'),
      byExecution,
      { ...byRun, timeoutMs: 30_000 },
    ),
    pollWorkflowUpdate: method(
      PollWorkflowUpdateCall,
      workflowServiceCodec<PollWorkflowUpdateResponse>('PollWorkflowExecutionUpdateResponse'),
      byUpdateRef,
      { timeoutMs: 30_000 },
    ),
    updateWithStart: method(UpdateWithStartCall, UpdateWithStartReply, byStart, byRun),
    resetSticky: method(ResetStickyRequest, Done, byShortExecution),
    pauseActivity: method(PauseActivityCall, Done, byShortExecution),
    unpauseActivity: method(UnpauseActivityCall, Done, byShortExecution),
    resetActivity: method(ResetActivityCall, Done, byShortExecution),
    updateActivityOptions: method(
      UpdateActivityOptionsCall,
      workflowServiceCodec<UpdateActivityOptionsResponse>('UpdateActivityOptionsResponse'),
      byShortExecution,
    ),
    // Asked again without a request id, they would be refused for what they have done.
    pauseWorkflow: method(PauseWorkflowCall, Done, byRequestId, { retry: 'never' }),
    unpauseWorkflow: method(UnpauseWorkflowCall, Done, byRequestId, { retry: 'never' }),
    updateWorkflowOptions: method(
      UpdateWorkflowOptionsCall,
      workflowServiceCodec<UpdateWorkflowOptionsResponse>('UpdateWorkflowExecutionOptionsResponse'),
      byExecution,
    ),
    startChildWorkflow: method(
      StartChildWorkflowRequest,
      workflowServiceCodec<StartWorkflowResponse>('StartWorkflowExecutionResponse'),
      byRequestId,
      byRun,
    ),
    scheduleFirstWorkflowTask: method(ScheduleFirstWorkflowTaskRequest, Done, byField),
    recordChildClosed: method(RecordChildClosedRequest, Done, byField),
    askParent: method(AskParentRequest, AskParentReply, byField),
    askChild: method(AskChildRequest, AskChildReply, byField),
    recordWorkflowTaskStarted: method(RecordWorkflowTaskStartedRequest, RecordTaskStartedReply, byField),
    recordActivityTaskStarted: method(RecordActivityTaskStartedRequest, RecordTaskStartedReply, byField),
    buildQueryTask: method(BuildQueryTaskRequest, EncodedResponse, byField),
    respondWorkflowTaskCompleted: method(RespondWorkflowTaskCompletedCall, EncodedResponse, byField, answer),
    respondWorkflowTaskFailed: method(RespondWorkflowTaskFailedCall, Done, byField, answer),
    respondActivityTaskCompleted: method(RespondActivityTaskCompletedCall, Done, byActivity, answer),
    respondActivityTaskFailed: method(RespondActivityTaskFailedCall, ActivityAnswerReply, byActivity, answer),
    respondActivityTaskCanceled: method(RespondActivityTaskCanceledCall, Done, byActivity, answer),
    recordActivityTaskHeartbeat: method(RecordActivityTaskHeartbeatCall, HeartbeatReply, byActivity),
    validateTask: method(ValidateTaskRequest, ValidateTaskReply, byField),
    deleteExpiredRun: method(DeleteExpiredRunRequest, DeleteExpiredRunReply, byField),
    createWorkerDeployment: method(
      CreateWorkerDeploymentCall,
      workflowServiceCodec<CreateDeploymentResponse>('CreateWorkerDeploymentResponse'),
      byDeployment,
    ),
    createWorkerDeploymentVersion: method(CreateWorkerDeploymentVersionCall, Done, byDeployment),
    setCurrentVersion: method(
      SetCurrentVersionCall,
      workflowServiceCodec<SetCurrentVersionResponse>('SetWorkerDeploymentCurrentVersionResponse'),
      byDeployment,
    ),
    setRampingVersion: method(
      SetRampingVersionCall,
      workflowServiceCodec<SetRampingVersionResponse>('SetWorkerDeploymentRampingVersionResponse'),
      byDeployment,
    ),
    setDeploymentManager: method(
      SetDeploymentManagerCall,
      workflowServiceCodec<SetDeploymentManagerResponse>('SetWorkerDeploymentManagerResponse'),
      byDeployment,
    ),
    updateVersionMetadata: method(
      UpdateVersionMetadataCall,
      workflowServiceCodec<UpdateVersionMetadataResponse>('UpdateWorkerDeploymentVersionMetadataResponse'),
      byDeployment,
    ),
    deleteDeploymentVersion: method(DeleteDeploymentVersionCall, Done, byDeployment),
    deleteDeployment: method(DeleteDeploymentCall, Done, byDeployment),
    describeDeployment: method(
      DescribeDeploymentCall,
      workflowServiceCodec<DescribeDeploymentResponse>('DescribeWorkerDeploymentResponse'),
      byDeployment,
    ),
    describeDeploymentVersion: method(
      DescribeDeploymentVersionCall,
      workflowServiceCodec<DescribeDeploymentVersionResponse>('DescribeWorkerDeploymentVersionResponse'),
      byDeployment,
    ),
    registerWorker: method(RegisterWorkerRequest, RegisterWorkerReply, byDeploymentId),
    reactivateVersion: method(ReactivateVersionRequest, Done, byDeploymentId),
  },
} as const;
export type HistoryContract = typeof historyContract;
