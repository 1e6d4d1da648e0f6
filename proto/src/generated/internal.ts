// Generated from proto/duramesh by proto/generate.ts. Do not edit.
import type { google, temporal } from '@temporalio/proto';
import { internalCodec } from '../codec.ts';
import type { Plain } from '../plain.ts';

export interface RequestHeader {
  readonly remainingMs: number;
  readonly traceparent: string;
  readonly caller: string;
  readonly attempt: number;
  readonly contractVersion: number;
  readonly cluster: number;
  readonly firstNumber: number;
  readonly remembered: boolean;
}
export const RequestHeader = internalCodec<RequestHeader>('duramesh.bus.v1.RequestHeader');

export interface ErrorReply {
  readonly code: number;
  readonly message: string;
  readonly details: readonly Plain<google.protobuf.IAny>[];
}
export const ErrorReply = internalCodec<ErrorReply>('duramesh.bus.v1.ErrorReply');

export interface NamespaceRef {
  readonly id: string;
  readonly name: string;
  readonly searchAttributeTypes: Readonly<Record<string, number>>;
  readonly retentionMs: number;
  readonly workflowRules: readonly Plain<temporal.api.rules.v1.IWorkflowRule>[];
}
export const NamespaceRef = internalCodec<NamespaceRef>('duramesh.history.v1.NamespaceRef');

export interface StartWorkflowRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IStartWorkflowExecutionRequest> | undefined;
}
export const StartWorkflowRequest = internalCodec<StartWorkflowRequest>('duramesh.history.v1.StartWorkflowRequest');

export interface SignalWithStartWorkflowRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.ISignalWithStartWorkflowExecutionRequest> | undefined;
}
export const SignalWithStartWorkflowRequest = internalCodec<SignalWithStartWorkflowRequest>('duramesh.history.v1.SignalWithStartWorkflowRequest');

export interface StartChildWorkflowRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IStartWorkflowExecutionRequest> | undefined;
  readonly parent?: RequestingWorkflow | undefined;
  readonly root?: Plain<temporal.api.common.v1.IWorkflowExecution> | undefined;
  readonly timeSkipping?: Plain<temporal.api.common.v1.ITimeSkippingStatePropagation> | undefined;
  readonly inheritedPinnedVersion?: Plain<temporal.api.deployment.v1.IWorkerDeploymentVersion> | undefined;
  readonly inheritedAutoUpgradeInfo?: Plain<temporal.api.deployment.v1.IInheritedAutoUpgradeInfo> | undefined;
}
export const StartChildWorkflowRequest = internalCodec<StartChildWorkflowRequest>('duramesh.history.v1.StartChildWorkflowRequest');

export interface RequestingWorkflow {
  readonly workflowId: string;
  readonly runId: string;
  readonly initiatedEventId: number;
  readonly childWorkflowOnly: boolean;
  readonly baseRunIds: readonly string[];
}
export const RequestingWorkflow = internalCodec<RequestingWorkflow>('duramesh.history.v1.RequestingWorkflow');

export interface SignalWorkflowRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.ISignalWorkflowExecutionRequest> | undefined;
  readonly source?: RequestingWorkflow | undefined;
}
export const SignalWorkflowRequest = internalCodec<SignalWorkflowRequest>('duramesh.history.v1.SignalWorkflowRequest');

export interface RequestCancelWorkflowRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IRequestCancelWorkflowExecutionRequest> | undefined;
  readonly source?: RequestingWorkflow | undefined;
}
export const RequestCancelWorkflowRequest = internalCodec<RequestCancelWorkflowRequest>('duramesh.history.v1.RequestCancelWorkflowRequest');

export interface TerminateWorkflowRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.ITerminateWorkflowExecutionRequest> | undefined;
  readonly source?: RequestingWorkflow | undefined;
}
export const TerminateWorkflowRequest = internalCodec<TerminateWorkflowRequest>('duramesh.history.v1.TerminateWorkflowRequest');

export interface DeleteWorkflowCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IDeleteWorkflowExecutionRequest> | undefined;
}
export const DeleteWorkflowCall = internalCodec<DeleteWorkflowCall>('duramesh.history.v1.DeleteWorkflowCall');

export interface ResetWorkflowCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IResetWorkflowExecutionRequest> | undefined;
}
export const ResetWorkflowCall = internalCodec<ResetWorkflowCall>('duramesh.history.v1.ResetWorkflowCall');

export interface DescribeWorkflowRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IDescribeWorkflowExecutionRequest> | undefined;
}
export const DescribeWorkflowRequest = internalCodec<DescribeWorkflowRequest>('duramesh.history.v1.DescribeWorkflowRequest');

export interface ExplainRunRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly workflowId: string;
  readonly runId: string;
}
export const ExplainRunRequest = internalCodec<ExplainRunRequest>('duramesh.history.v1.ExplainRunRequest');

export interface QueryWorkflowTaskRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IQueryWorkflowRequest> | undefined;
}
export const QueryWorkflowTaskRequest = internalCodec<QueryWorkflowTaskRequest>('duramesh.history.v1.QueryWorkflowTaskRequest');

export interface PauseActivityCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IPauseActivityRequest> | undefined;
}
export const PauseActivityCall = internalCodec<PauseActivityCall>('duramesh.history.v1.PauseActivityCall');

export interface UnpauseActivityCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IUnpauseActivityRequest> | undefined;
}
export const UnpauseActivityCall = internalCodec<UnpauseActivityCall>('duramesh.history.v1.UnpauseActivityCall');

export interface ResetActivityCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IResetActivityRequest> | undefined;
}
export const ResetActivityCall = internalCodec<ResetActivityCall>('duramesh.history.v1.ResetActivityCall');

export interface UpdateActivityOptionsCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IUpdateActivityOptionsRequest> | undefined;
}
export const UpdateActivityOptionsCall = internalCodec<UpdateActivityOptionsCall>('duramesh.history.v1.UpdateActivityOptionsCall');

export interface PauseWorkflowCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IPauseWorkflowExecutionRequest> | undefined;
}
export const PauseWorkflowCall = internalCodec<PauseWorkflowCall>('duramesh.history.v1.PauseWorkflowCall');

export interface UnpauseWorkflowCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IUnpauseWorkflowExecutionRequest> | undefined;
}
export const UnpauseWorkflowCall = internalCodec<UnpauseWorkflowCall>('duramesh.history.v1.UnpauseWorkflowCall');

export interface UpdateWorkflowOptionsCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IUpdateWorkflowExecutionOptionsRequest> | undefined;
}
export const UpdateWorkflowOptionsCall = internalCodec<UpdateWorkflowOptionsCall>('duramesh.history.v1.UpdateWorkflowOptionsCall');

export interface ResetStickyRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IResetStickyTaskQueueRequest> | undefined;
}
export const ResetStickyRequest = internalCodec<ResetStickyRequest>('duramesh.history.v1.ResetStickyRequest');

export interface GetHistoryRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IGetWorkflowExecutionHistoryRequest> | undefined;
  readonly waitMs: number;
  readonly followsNextRunId: boolean;
  readonly showVirtualEvents: boolean;
}
export const GetHistoryRequest = internalCodec<GetHistoryRequest>('duramesh.history.v1.GetHistoryRequest');

export interface PollTimeSkippingRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IPollWorkflowExecutionTimeSkippingRequest> | undefined;
  readonly waitMs: number;
  readonly targetMs: number;
}
export const PollTimeSkippingRequest = internalCodec<PollTimeSkippingRequest>('duramesh.history.v1.PollTimeSkippingRequest');

export interface UpdateWorkflowCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IUpdateWorkflowExecutionRequest> | undefined;
  readonly waitMs: number;
  readonly watchId: string;
}
export const UpdateWorkflowCall = internalCodec<UpdateWorkflowCall>('duramesh.history.v1.UpdateWorkflowCall');

export interface PollWorkflowUpdateCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IPollWorkflowExecutionUpdateRequest> | undefined;
  readonly waitMs: number;
  readonly watchId: string;
}
export const PollWorkflowUpdateCall = internalCodec<PollWorkflowUpdateCall>('duramesh.history.v1.PollWorkflowUpdateCall');

export interface UpdateWithStartCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly start?: Plain<temporal.api.workflowservice.v1.IStartWorkflowExecutionRequest> | undefined;
  readonly update?: Plain<temporal.api.workflowservice.v1.IUpdateWorkflowExecutionRequest> | undefined;
  readonly watchId: string;
}
export const UpdateWithStartCall = internalCodec<UpdateWithStartCall>('duramesh.history.v1.UpdateWithStartCall');

export interface UpdateWithStartReply {
  readonly start?: Plain<temporal.api.workflowservice.v1.IStartWorkflowExecutionResponse> | undefined;
  readonly update?: Plain<temporal.api.workflowservice.v1.IUpdateWorkflowExecutionResponse> | undefined;
  readonly updateError?: Plain<temporal.api.errordetails.v1.MultiOperationExecutionFailure.IOperationStatus> | undefined;
}
export const UpdateWithStartReply = internalCodec<UpdateWithStartReply>('duramesh.history.v1.UpdateWithStartReply');

export interface GetHistoryReverseRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IGetWorkflowExecutionHistoryReverseRequest> | undefined;
}
export const GetHistoryReverseRequest = internalCodec<GetHistoryReverseRequest>('duramesh.history.v1.GetHistoryReverseRequest');

export interface EncodedResponse {
  readonly response: Uint8Array;
}
export const EncodedResponse = internalCodec<EncodedResponse>('duramesh.history.v1.EncodedResponse');

export interface RecordWorkflowTaskStartedRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly workflowId: string;
  readonly runId: string;
  readonly scheduledEventId: number;
  readonly attempt: number;
  readonly stamp: number;
  readonly requestId: string;
  readonly identity: string;
  readonly taskQueue?: Plain<temporal.api.taskqueue.v1.ITaskQueue> | undefined;
  readonly deploymentOptions?: Plain<temporal.api.deployment.v1.IWorkerDeploymentOptions> | undefined;
  readonly workerVersionCapabilities?: Plain<temporal.api.common.v1.IWorkerVersionCapabilities> | undefined;
  readonly targetVersion?: Plain<temporal.api.deployment.v1.IWorkerDeploymentVersion> | undefined;
}
export const RecordWorkflowTaskStartedRequest = internalCodec<RecordWorkflowTaskStartedRequest>('duramesh.history.v1.RecordWorkflowTaskStartedRequest');

export interface RecordTaskStartedReply {
  readonly verdict: number;
  readonly pollResponse: Uint8Array;
}
export const RecordTaskStartedReply = internalCodec<RecordTaskStartedReply>('duramesh.history.v1.RecordTaskStartedReply');

export const StartVerdict = {
  START_VERDICT_UNSPECIFIED: 0,
  START_VERDICT_STARTED: 1,
  START_VERDICT_OBSOLETE: 2,
} as const;

export interface RecordActivityTaskStartedRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly workflowId: string;
  readonly runId: string;
  readonly scheduledEventId: number;
  readonly attempt: number;
  readonly stamp: number;
  readonly requestId: string;
  readonly identity: string;
  readonly deploymentOptions?: Plain<temporal.api.deployment.v1.IWorkerDeploymentOptions> | undefined;
}
export const RecordActivityTaskStartedRequest = internalCodec<RecordActivityTaskStartedRequest>('duramesh.history.v1.RecordActivityTaskStartedRequest');

export interface BuildQueryTaskRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly workflowId: string;
  readonly runId: string;
  readonly query?: Plain<temporal.api.query.v1.IWorkflowQuery> | undefined;
  readonly taskToken: Uint8Array;
  readonly taskQueue?: Plain<temporal.api.taskqueue.v1.ITaskQueue> | undefined;
}
export const BuildQueryTaskRequest = internalCodec<BuildQueryTaskRequest>('duramesh.history.v1.BuildQueryTaskRequest');

export interface RespondWorkflowTaskCompletedCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly workflowId: string;
  readonly request?: Plain<temporal.api.workflowservice.v1.IRespondWorkflowTaskCompletedRequest> | undefined;
}
export const RespondWorkflowTaskCompletedCall = internalCodec<RespondWorkflowTaskCompletedCall>('duramesh.history.v1.RespondWorkflowTaskCompletedCall');

export interface RespondWorkflowTaskFailedCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly workflowId: string;
  readonly request?: Plain<temporal.api.workflowservice.v1.IRespondWorkflowTaskFailedRequest> | undefined;
}
export const RespondWorkflowTaskFailedCall = internalCodec<RespondWorkflowTaskFailedCall>('duramesh.history.v1.RespondWorkflowTaskFailedCall');

export interface ActivityRef {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
  readonly token: Uint8Array;
}
export const ActivityRef = internalCodec<ActivityRef>('duramesh.history.v1.ActivityRef');

export interface RespondActivityTaskCompletedCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly activity?: ActivityRef | undefined;
  readonly result?: Plain<temporal.api.common.v1.IPayloads> | undefined;
  readonly identity: string;
}
export const RespondActivityTaskCompletedCall = internalCodec<RespondActivityTaskCompletedCall>('duramesh.history.v1.RespondActivityTaskCompletedCall');

export interface RespondActivityTaskFailedCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly activity?: ActivityRef | undefined;
  readonly failure?: Plain<temporal.api.failure.v1.IFailure> | undefined;
  readonly identity: string;
  readonly lastHeartbeatDetails?: Plain<temporal.api.common.v1.IPayloads> | undefined;
}
export const RespondActivityTaskFailedCall = internalCodec<RespondActivityTaskFailedCall>('duramesh.history.v1.RespondActivityTaskFailedCall');

export interface RespondActivityTaskCanceledCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly activity?: ActivityRef | undefined;
  readonly details?: Plain<temporal.api.common.v1.IPayloads> | undefined;
  readonly identity: string;
}
export const RespondActivityTaskCanceledCall = internalCodec<RespondActivityTaskCanceledCall>('duramesh.history.v1.RespondActivityTaskCanceledCall');

export interface RecordActivityTaskHeartbeatCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly activity?: ActivityRef | undefined;
  readonly details?: Plain<temporal.api.common.v1.IPayloads> | undefined;
  readonly identity: string;
}
export const RecordActivityTaskHeartbeatCall = internalCodec<RecordActivityTaskHeartbeatCall>('duramesh.history.v1.RecordActivityTaskHeartbeatCall');

export interface ActivityAnswerReply {
  readonly failures: readonly Plain<temporal.api.failure.v1.IFailure>[];
}
export const ActivityAnswerReply = internalCodec<ActivityAnswerReply>('duramesh.history.v1.ActivityAnswerReply');

export interface HeartbeatReply {
  readonly cancelRequested: boolean;
  readonly activityPaused: boolean;
  readonly activityReset: boolean;
}
export const HeartbeatReply = internalCodec<HeartbeatReply>('duramesh.history.v1.HeartbeatReply');

export interface ScheduleFirstWorkflowTaskRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly workflowId: string;
  readonly runId: string;
}
export const ScheduleFirstWorkflowTaskRequest = internalCodec<ScheduleFirstWorkflowTaskRequest>('duramesh.history.v1.ScheduleFirstWorkflowTaskRequest');

export interface RecordChildClosedRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly workflowId: string;
  readonly runId: string;
  readonly initiatedEventId: number;
  readonly child?: Plain<temporal.api.common.v1.IWorkflowExecution> | undefined;
  readonly childFirstRunId: string;
  readonly closeEvent?: Plain<temporal.api.history.v1.IHistoryEvent> | undefined;
}
export const RecordChildClosedRequest = internalCodec<RecordChildClosedRequest>('duramesh.history.v1.RecordChildClosedRequest');

export interface AskParentRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly workflowId: string;
  readonly runId: string;
  readonly initiatedEventId: number;
  readonly childRunId: string;
}
export const AskParentRequest = internalCodec<AskParentRequest>('duramesh.history.v1.AskParentRequest');

export interface AskParentReply {
  readonly standing: number;
}
export const AskParentReply = internalCodec<AskParentReply>('duramesh.history.v1.AskParentReply');

export interface AskChildRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly workflowId: string;
  readonly runId: string;
}
export const AskChildRequest = internalCodec<AskChildRequest>('duramesh.history.v1.AskChildRequest');

export interface AskChildReply {
  readonly lastRunId: string;
  readonly closeEvent?: Plain<temporal.api.history.v1.IHistoryEvent> | undefined;
}
export const AskChildReply = internalCodec<AskChildReply>('duramesh.history.v1.AskChildReply');

export const ChildStanding = {
  CHILD_STANDING_UNSPECIFIED: 0,
  CHILD_STANDING_PENDING: 1,
  CHILD_STANDING_STARTED: 2,
  CHILD_STANDING_UNKNOWN: 3,
} as const;

export interface ValidateTaskRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly workflowId: string;
  readonly runId: string;
  readonly scheduledEventId: number;
  readonly attempt: number;
  readonly stamp: number;
}
export const ValidateTaskRequest = internalCodec<ValidateTaskRequest>('duramesh.history.v1.ValidateTaskRequest');

export interface ValidateTaskReply {
  readonly wanted: boolean;
}
export const ValidateTaskReply = internalCodec<ValidateTaskReply>('duramesh.history.v1.ValidateTaskReply');

export interface DeleteExpiredRunRequest {
  readonly namespace?: NamespaceRef | undefined;
  readonly workflowId: string;
  readonly runId: string;
}
export const DeleteExpiredRunRequest = internalCodec<DeleteExpiredRunRequest>('duramesh.history.v1.DeleteExpiredRunRequest');

export interface DeleteExpiredRunReply {
  readonly traceparent: string;
}
export const DeleteExpiredRunReply = internalCodec<DeleteExpiredRunReply>('duramesh.history.v1.DeleteExpiredRunReply');

export interface Done {
}
export const Done = internalCodec<Done>('duramesh.history.v1.Done');

export interface CreateWorkerDeploymentCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly name: string;
  readonly request?: Plain<temporal.api.workflowservice.v1.ICreateWorkerDeploymentRequest> | undefined;
}
export const CreateWorkerDeploymentCall = internalCodec<CreateWorkerDeploymentCall>('duramesh.history.v1.CreateWorkerDeploymentCall');

export interface CreateWorkerDeploymentVersionCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly name: string;
  readonly request?: Plain<temporal.api.workflowservice.v1.ICreateWorkerDeploymentVersionRequest> | undefined;
}
export const CreateWorkerDeploymentVersionCall = internalCodec<CreateWorkerDeploymentVersionCall>('duramesh.history.v1.CreateWorkerDeploymentVersionCall');

export interface SetCurrentVersionCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly name: string;
  readonly request?: Plain<temporal.api.workflowservice.v1.ISetWorkerDeploymentCurrentVersionRequest> | undefined;
}
export const SetCurrentVersionCall = internalCodec<SetCurrentVersionCall>('duramesh.history.v1.SetCurrentVersionCall');

export interface SetRampingVersionCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly name: string;
  readonly request?: Plain<temporal.api.workflowservice.v1.ISetWorkerDeploymentRampingVersionRequest> | undefined;
}
export const SetRampingVersionCall = internalCodec<SetRampingVersionCall>('duramesh.history.v1.SetRampingVersionCall');

export interface SetDeploymentManagerCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly name: string;
  readonly request?: Plain<temporal.api.workflowservice.v1.ISetWorkerDeploymentManagerRequest> | undefined;
}
export const SetDeploymentManagerCall = internalCodec<SetDeploymentManagerCall>('duramesh.history.v1.SetDeploymentManagerCall');

export interface UpdateVersionMetadataCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly name: string;
  readonly request?: Plain<temporal.api.workflowservice.v1.IUpdateWorkerDeploymentVersionMetadataRequest> | undefined;
}
export const UpdateVersionMetadataCall = internalCodec<UpdateVersionMetadataCall>('duramesh.history.v1.UpdateVersionMetadataCall');

export interface DeleteDeploymentVersionCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly name: string;
  readonly request?: Plain<temporal.api.workflowservice.v1.IDeleteWorkerDeploymentVersionRequest> | undefined;
}
export const DeleteDeploymentVersionCall = internalCodec<DeleteDeploymentVersionCall>('duramesh.history.v1.DeleteDeploymentVersionCall');

export interface DeleteDeploymentCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly name: string;
  readonly request?: Plain<temporal.api.workflowservice.v1.IDeleteWorkerDeploymentRequest> | undefined;
}
export const DeleteDeploymentCall = internalCodec<DeleteDeploymentCall>('duramesh.history.v1.DeleteDeploymentCall');

export interface DescribeDeploymentCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly name: string;
  readonly request?: Plain<temporal.api.workflowservice.v1.IDescribeWorkerDeploymentRequest> | undefined;
}
export const DescribeDeploymentCall = internalCodec<DescribeDeploymentCall>('duramesh.history.v1.DescribeDeploymentCall');

export interface DescribeDeploymentVersionCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly name: string;
  readonly request?: Plain<temporal.api.workflowservice.v1.IDescribeWorkerDeploymentVersionRequest> | undefined;
}
export const DescribeDeploymentVersionCall = internalCodec<DescribeDeploymentVersionCall>('duramesh.history.v1.DescribeDeploymentVersionCall');

export interface RegisterWorkerRequest {
  readonly namespaceId: string;
  readonly name: string;
  readonly buildId: string;
  readonly taskQueue: string;
  readonly taskQueueType: number;
}
export const RegisterWorkerRequest = internalCodec<RegisterWorkerRequest>('duramesh.history.v1.RegisterWorkerRequest');

export interface RegisterWorkerReply {
  readonly deployment?: QueueDeployment | undefined;
}
export const RegisterWorkerReply = internalCodec<RegisterWorkerReply>('duramesh.history.v1.RegisterWorkerReply');

export interface ReactivateVersionRequest {
  readonly namespaceId: string;
  readonly name: string;
  readonly buildId: string;
}
export const ReactivateVersionRequest = internalCodec<ReactivateVersionRequest>('duramesh.history.v1.ReactivateVersionRequest');

export interface TaskQueuePartition {
  readonly namespaceId: string;
  readonly name: string;
  readonly type: number;
  readonly kind: number;
  readonly partition: number;
  readonly normalName: string;
}
export const TaskQueuePartition = internalCodec<TaskQueuePartition>('duramesh.matching.v1.TaskQueuePartition');

export interface TaskRef {
  readonly workflowId: string;
  readonly runId: string;
  readonly scheduledEventId: number;
  readonly attempt: number;
  readonly stamp: number;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly priority?: Plain<temporal.api.common.v1.IPriority> | undefined;
  readonly version?: VersionDirective | undefined;
  readonly traceparent: string;
}
export const TaskRef = internalCodec<TaskRef>('duramesh.matching.v1.TaskRef');

export interface VersionDirective {
  readonly behavior: number;
  readonly deploymentVersion?: Plain<temporal.api.deployment.v1.IWorkerDeploymentVersion> | undefined;
  readonly useRamping: boolean;
}
export const VersionDirective = internalCodec<VersionDirective>('duramesh.matching.v1.VersionDirective');

export interface AddTaskRequest {
  readonly queue?: TaskQueuePartition | undefined;
  readonly task?: TaskRef | undefined;
}
export const AddTaskRequest = internalCodec<AddTaskRequest>('duramesh.matching.v1.AddTaskRequest');

export interface AddTaskReply {
  readonly stored: boolean;
}
export const AddTaskReply = internalCodec<AddTaskReply>('duramesh.matching.v1.AddTaskReply');

export interface PollTaskRequest {
  readonly queue?: TaskQueuePartition | undefined;
  readonly pollerId: string;
  readonly identity: string;
  readonly waitMs: number;
  readonly workerInstanceKey: string;
  readonly deploymentOptions?: Plain<temporal.api.deployment.v1.IWorkerDeploymentOptions> | undefined;
  readonly workerVersionCapabilities?: Plain<temporal.api.common.v1.IWorkerVersionCapabilities> | undefined;
  readonly taskQueueMetadata?: Plain<temporal.api.taskqueue.v1.ITaskQueueMetadata> | undefined;
  readonly forwarded: boolean;
}
export const PollTaskRequest = internalCodec<PollTaskRequest>('duramesh.matching.v1.PollTaskRequest');

export interface TaskOffer {
  readonly offerId: string;
  readonly task?: TaskRef | undefined;
  readonly syncMatch: boolean;
  readonly targetVersion?: Plain<temporal.api.deployment.v1.IWorkerDeploymentVersion> | undefined;
}
export const TaskOffer = internalCodec<TaskOffer>('duramesh.matching.v1.TaskOffer');

export interface QueryOffer {
  readonly queryId: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly query?: Plain<temporal.api.query.v1.IWorkflowQuery> | undefined;
}
export const QueryOffer = internalCodec<QueryOffer>('duramesh.matching.v1.QueryOffer');

export interface PollTaskReply {
  readonly task?: TaskOffer | undefined;
  readonly query?: QueryOffer | undefined;
  readonly backlogCountHint: number;
  readonly partition: number;
  readonly pollerDelta: number;
  readonly ended: boolean;
}
export const PollTaskReply = internalCodec<PollTaskReply>('duramesh.matching.v1.PollTaskReply');

export const OfferOutcome = {
  OFFER_OUTCOME_UNSPECIFIED: 0,
  OFFER_OUTCOME_STARTED: 1,
  OFFER_OUTCOME_DROPPED: 2,
  OFFER_OUTCOME_RETURNED: 3,
} as const;

export interface OfferAnswer {
  readonly offerId: string;
  readonly outcome: number;
}
export const OfferAnswer = internalCodec<OfferAnswer>('duramesh.matching.v1.OfferAnswer');

export interface ResolveOffersRequest {
  readonly queue?: TaskQueuePartition | undefined;
  readonly answers: readonly OfferAnswer[];
}
export const ResolveOffersRequest = internalCodec<ResolveOffersRequest>('duramesh.matching.v1.ResolveOffersRequest');

export interface ResolveOffersReply {
}
export const ResolveOffersReply = internalCodec<ResolveOffersReply>('duramesh.matching.v1.ResolveOffersReply');

export interface CancelPollRequest {
  readonly queue?: TaskQueuePartition | undefined;
  readonly pollerId: string;
}
export const CancelPollRequest = internalCodec<CancelPollRequest>('duramesh.matching.v1.CancelPollRequest');

export interface CancelPollReply {
}
export const CancelPollReply = internalCodec<CancelPollReply>('duramesh.matching.v1.CancelPollReply');

export interface QueryTaskRequest {
  readonly queue?: TaskQueuePartition | undefined;
  readonly workflowId: string;
  readonly runId: string;
  readonly query?: Plain<temporal.api.query.v1.IWorkflowQuery> | undefined;
  readonly version?: VersionDirective | undefined;
}
export const QueryTaskRequest = internalCodec<QueryTaskRequest>('duramesh.matching.v1.QueryTaskRequest');

export interface QueryTaskReply {
  readonly resultType: number;
  readonly answer?: Plain<temporal.api.common.v1.IPayloads> | undefined;
  readonly errorMessage: string;
  readonly failure?: Plain<temporal.api.failure.v1.IFailure> | undefined;
  readonly errorCode: number;
}
export const QueryTaskReply = internalCodec<QueryTaskReply>('duramesh.matching.v1.QueryTaskReply');

export interface RespondQueryTaskRequest {
  readonly queue?: TaskQueuePartition | undefined;
  readonly queryId: string;
  readonly result?: QueryTaskReply | undefined;
}
export const RespondQueryTaskRequest = internalCodec<RespondQueryTaskRequest>('duramesh.matching.v1.RespondQueryTaskRequest');

export interface RespondQueryTaskReply {
}
export const RespondQueryTaskReply = internalCodec<RespondQueryTaskReply>('duramesh.matching.v1.RespondQueryTaskReply');

export interface DescribePartitionRequest {
  readonly queue?: TaskQueuePartition | undefined;
}
export const DescribePartitionRequest = internalCodec<DescribePartitionRequest>('duramesh.matching.v1.DescribePartitionRequest');

export interface DescribePartitionReply {
  readonly pollers: readonly Plain<temporal.api.taskqueue.v1.IPollerInfo>[];
  readonly levels: readonly LevelStats[];
  readonly rateLimitingActive: boolean;
  readonly requestsPerSecond: number;
  readonly rateLimitSource: number;
  readonly config?: Plain<temporal.api.taskqueue.v1.ITaskQueueConfig> | undefined;
  readonly taskIds?: TaskIds | undefined;
  readonly versioning?: Plain<temporal.api.taskqueue.v1.ITaskQueueVersioningInfo> | undefined;
  readonly waitingPolls: number;
}
export const DescribePartitionReply = internalCodec<DescribePartitionReply>('duramesh.matching.v1.DescribePartitionReply');

export interface LevelStats {
  readonly priorityKey: number;
  readonly backlogCount: number;
  readonly backlogAgeMs: number;
  readonly tasksAddRate: number;
  readonly tasksDispatchRate: number;
}
export const LevelStats = internalCodec<LevelStats>('duramesh.matching.v1.LevelStats');

export interface TaskIds {
  readonly readLevel: number;
  readonly ackLevel: number;
  readonly blockStart: number;
  readonly blockEnd: number;
}
export const TaskIds = internalCodec<TaskIds>('duramesh.matching.v1.TaskIds');

export interface LocatePartitionRequest {
  readonly queue?: TaskQueuePartition | undefined;
}
export const LocatePartitionRequest = internalCodec<LocatePartitionRequest>('duramesh.matching.v1.LocatePartitionRequest');

export interface LocatePartitionReply {
  readonly address: string;
}
export const LocatePartitionReply = internalCodec<LocatePartitionReply>('duramesh.matching.v1.LocatePartitionReply');

export interface ForwardTaskRequest {
  readonly queue?: TaskQueuePartition | undefined;
  readonly task?: TaskRef | undefined;
  readonly waitMs: number;
}
export const ForwardTaskRequest = internalCodec<ForwardTaskRequest>('duramesh.matching.v1.ForwardTaskRequest');

export interface ForwardTaskReply {
  readonly outcome: number;
  readonly unattended: boolean;
}
export const ForwardTaskReply = internalCodec<ForwardTaskReply>('duramesh.matching.v1.ForwardTaskReply');

export interface WakePartitionRequest {
  readonly queue?: TaskQueuePartition | undefined;
}
export const WakePartitionRequest = internalCodec<WakePartitionRequest>('duramesh.matching.v1.WakePartitionRequest');

export interface WakePartitionReply {
}
export const WakePartitionReply = internalCodec<WakePartitionReply>('duramesh.matching.v1.WakePartitionReply');

export interface CancelWorkerPollsRequest {
  readonly queue?: TaskQueuePartition | undefined;
  readonly workerInstanceKey: string;
  readonly identity: string;
}
export const CancelWorkerPollsRequest = internalCodec<CancelWorkerPollsRequest>('duramesh.matching.v1.CancelWorkerPollsRequest');

export interface CancelWorkerPollsReply {
}
export const CancelWorkerPollsReply = internalCodec<CancelWorkerPollsReply>('duramesh.matching.v1.CancelWorkerPollsReply');

export interface UpdateQueueConfigRequest {
  readonly queue?: TaskQueuePartition | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IUpdateTaskQueueConfigRequest> | undefined;
}
export const UpdateQueueConfigRequest = internalCodec<UpdateQueueConfigRequest>('duramesh.matching.v1.UpdateQueueConfigRequest');

export interface UpdateQueueConfigReply {
  readonly config?: Plain<temporal.api.taskqueue.v1.ITaskQueueConfig> | undefined;
}
export const UpdateQueueConfigReply = internalCodec<UpdateQueueConfigReply>('duramesh.matching.v1.UpdateQueueConfigReply');

export interface ReloadQueueConfigRequest {
  readonly queue?: TaskQueuePartition | undefined;
}
export const ReloadQueueConfigRequest = internalCodec<ReloadQueueConfigRequest>('duramesh.matching.v1.ReloadQueueConfigRequest');

export interface ReloadQueueConfigReply {
}
export const ReloadQueueConfigReply = internalCodec<ReloadQueueConfigReply>('duramesh.matching.v1.ReloadQueueConfigReply');

export interface UnloadStickyQueueRequest {
  readonly queue?: TaskQueuePartition | undefined;
}
export const UnloadStickyQueueRequest = internalCodec<UnloadStickyQueueRequest>('duramesh.matching.v1.UnloadStickyQueueRequest');

export interface UnloadStickyQueueReply {
}
export const UnloadStickyQueueReply = internalCodec<UnloadStickyQueueReply>('duramesh.matching.v1.UnloadStickyQueueReply');

export interface QueueVersioning {
  readonly deployments: readonly QueueDeployment[];
  readonly rules?: VersioningRules | undefined;
}
export const QueueVersioning = internalCodec<QueueVersioning>('duramesh.matching.v1.QueueVersioning');

export interface QueueDeployment {
  readonly deploymentName: string;
  readonly revision: number;
  readonly routing?: Plain<temporal.api.deployment.v1.IRoutingConfig> | undefined;
  readonly buildIds: readonly string[];
}
export const QueueDeployment = internalCodec<QueueDeployment>('duramesh.matching.v1.QueueDeployment');

export interface VersioningRules {
  readonly token: number;
  readonly assignment: readonly Plain<temporal.api.taskqueue.v1.ITimestampedBuildIdAssignmentRule>[];
  readonly redirect: readonly Plain<temporal.api.taskqueue.v1.ITimestampedCompatibleBuildIdRedirectRule>[];
}
export const VersioningRules = internalCodec<VersioningRules>('duramesh.matching.v1.VersioningRules');

export interface SyncDeploymentRequest {
  readonly queue?: TaskQueuePartition | undefined;
  readonly deployment?: QueueDeployment | undefined;
}
export const SyncDeploymentRequest = internalCodec<SyncDeploymentRequest>('duramesh.matching.v1.SyncDeploymentRequest');

export interface SyncDeploymentReply {
}
export const SyncDeploymentReply = internalCodec<SyncDeploymentReply>('duramesh.matching.v1.SyncDeploymentReply');

export interface RegisterVersionRequest {
  readonly queue?: TaskQueuePartition | undefined;
  readonly version?: Plain<temporal.api.deployment.v1.IWorkerDeploymentVersion> | undefined;
}
export const RegisterVersionRequest = internalCodec<RegisterVersionRequest>('duramesh.matching.v1.RegisterVersionRequest');

export interface FollowVersionsRequest {
  readonly queue?: TaskQueuePartition | undefined;
  readonly follower?: TaskQueuePartition | undefined;
}
export const FollowVersionsRequest = internalCodec<FollowVersionsRequest>('duramesh.matching.v1.FollowVersionsRequest');

export interface FollowVersionsReply {
  readonly versioning?: QueueVersioning | undefined;
}
export const FollowVersionsReply = internalCodec<FollowVersionsReply>('duramesh.matching.v1.FollowVersionsReply');

export interface VersionsChangedRequest {
  readonly queue?: TaskQueuePartition | undefined;
  readonly versioning?: QueueVersioning | undefined;
}
export const VersionsChangedRequest = internalCodec<VersionsChangedRequest>('duramesh.matching.v1.VersionsChangedRequest');

export interface VersionsChangedReply {
}
export const VersionsChangedReply = internalCodec<VersionsChangedReply>('duramesh.matching.v1.VersionsChangedReply');

export interface UpdateVersioningRulesRequest {
  readonly queue?: TaskQueuePartition | undefined;
  readonly request?: Plain<temporal.api.workflowservice.v1.IUpdateWorkerVersioningRulesRequest> | undefined;
}
export const UpdateVersioningRulesRequest = internalCodec<UpdateVersioningRulesRequest>('duramesh.matching.v1.UpdateVersioningRulesRequest');

export interface PeerFrame {
  readonly hello?: PeerHello | undefined;
  readonly refusal?: PeerRefusal | undefined;
  readonly beat?: PeerBeat | undefined;
  readonly beatAnswer?: PeerBeat | undefined;
  readonly leave?: PeerLeave | undefined;
  readonly question?: PeerQuestion | undefined;
  readonly answer?: PeerAnswer | undefined;
}
export const PeerFrame = internalCodec<PeerFrame>('duramesh.membership.v1.PeerFrame');

export interface PeerHello {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly historyShards: number;
  readonly matchingSlots: number;
  readonly contractVersion: number;
  readonly oldestContractVersion: number;
  readonly service: string;
  readonly memberId: string;
  readonly incarnation: string;
}
export const PeerHello = internalCodec<PeerHello>('duramesh.membership.v1.PeerHello');

export interface PeerRefusal {
  readonly code: string;
  readonly reason: string;
}
export const PeerRefusal = internalCodec<PeerRefusal>('duramesh.membership.v1.PeerRefusal');

export interface PeerBeat {
}
export const PeerBeat = internalCodec<PeerBeat>('duramesh.membership.v1.PeerBeat');

export interface PeerLeave {
}
export const PeerLeave = internalCodec<PeerLeave>('duramesh.membership.v1.PeerLeave');

export interface PeerQuestion {
  readonly questionId: number;
  readonly memberId: string;
}
export const PeerQuestion = internalCodec<PeerQuestion>('duramesh.membership.v1.PeerQuestion');

export interface PeerAnswer {
  readonly questionId: number;
  readonly heard: boolean;
}
export const PeerAnswer = internalCodec<PeerAnswer>('duramesh.membership.v1.PeerAnswer');

export interface DescribeProcessRequest {
  readonly withShards: boolean;
  readonly withTaskQueues: boolean;
  readonly memberId: string;
}
export const DescribeProcessRequest = internalCodec<DescribeProcessRequest>('duramesh.operator.v1.DescribeProcessRequest');

export interface ProcessView {
  readonly memberId: string;
  readonly version: string;
  readonly uptimeMs: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly eventLoopDelayMs: number;
  readonly eventLoopUtilization: number;
  readonly checks: readonly HealthCheckView[];
  readonly store?: StoreView | undefined;
  readonly bus?: BusView | undefined;
  readonly services: readonly ServiceView[];
}
export const ProcessView = internalCodec<ProcessView>('duramesh.operator.v1.ProcessView');

export interface HealthCheckView {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}
export const HealthCheckView = internalCodec<HealthCheckView>('duramesh.operator.v1.HealthCheckView');

export interface StoreView {
  readonly name: string;
  readonly commits: number;
  readonly statements: number;
  readonly reads: number;
  readonly latencyMs: number;
  readonly lastCommitMs: number;
  readonly unknownCommits: number;
}
export const StoreView = internalCodec<StoreView>('duramesh.operator.v1.StoreView');

export interface BusView {
  readonly name: string;
  readonly connected: boolean;
  readonly connections: readonly BusConnectionView[];
  readonly pendingRequests: number;
  readonly runningRequests: number;
  readonly overloadedRequests: number;
  readonly droppedMessages: Readonly<Record<string, number>>;
}
export const BusView = internalCodec<BusView>('duramesh.operator.v1.BusView');

export interface BusConnectionView {
  readonly name: string;
  readonly server: string;
  readonly reconnects: number;
  readonly fault: string;
}
export const BusConnectionView = internalCodec<BusConnectionView>('duramesh.operator.v1.BusConnectionView');

export interface ServiceView {
  readonly service: string;
  readonly address: string;
  readonly members: readonly string[];
  readonly membersAtMs: number;
  readonly partitions: Readonly<Record<string, number>>;
  readonly shards: readonly ShardView[];
  readonly lag?: QueueLag | undefined;
  readonly taskQueues: readonly TaskQueueView[];
}
export const ServiceView = internalCodec<ServiceView>('duramesh.operator.v1.ServiceView');

export interface ShardView {
  readonly shard: number;
  readonly state: string;
  readonly rangeId: number;
  readonly sinceMs: number;
  readonly openRuns: number;
  readonly transitionsPerSecond: number;
  readonly runningTransactions: number;
  readonly lockWaits: number;
  readonly taskQueues: number;
}
export const ShardView = internalCodec<ShardView>('duramesh.operator.v1.ShardView');

export interface QueueLag {
  readonly immediate: number;
  readonly timers: number;
  readonly lookAheadUntilMs: number;
  readonly timerLagMs: number;
}
export const QueueLag = internalCodec<QueueLag>('duramesh.operator.v1.QueueLag');

export interface TaskQueueView {
  readonly namespaceId: string;
  readonly name: string;
  readonly type: number;
  readonly partition: number;
  readonly sticky: boolean;
  readonly pollers: readonly PollerView[];
  readonly waitingPolls: number;
  readonly backlogCount: number;
  readonly backlogAgeMs: number;
  readonly tasksPerSecond: number;
  readonly rateLimited: boolean;
  readonly namespace: string;
}
export const TaskQueueView = internalCodec<TaskQueueView>('duramesh.operator.v1.TaskQueueView');

export interface PollerView {
  readonly identity: string;
  readonly lastPollMs: number;
}
export const PollerView = internalCodec<PollerView>('duramesh.operator.v1.PollerView');

export interface DescribeClusterRequest {
  readonly withShards: boolean;
  readonly withTaskQueues: boolean;
}
export const DescribeClusterRequest = internalCodec<DescribeClusterRequest>('duramesh.operator.v1.DescribeClusterRequest');

export interface ClusterView {
  readonly clusterId: string;
  readonly historyShards: number;
  readonly matchingSlots: number;
  readonly members: readonly MemberView[];
  readonly holders: readonly HolderView[];
  readonly problem: string;
}
export const ClusterView = internalCodec<ClusterView>('duramesh.operator.v1.ClusterView');

export interface MemberView {
  readonly memberId: string;
  readonly services: Readonly<Record<string, string>>;
  readonly process?: ProcessView | undefined;
  readonly problem: string;
  readonly listed: boolean;
}
export const MemberView = internalCodec<MemberView>('duramesh.operator.v1.MemberView');

export interface HolderView {
  readonly shard: number;
  readonly rangeId: number;
  readonly memberId: string;
}
export const HolderView = internalCodec<HolderView>('duramesh.operator.v1.HolderView');

export interface ExplainWorkflowRequest {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
}
export const ExplainWorkflowRequest = internalCodec<ExplainWorkflowRequest>('duramesh.operator.v1.ExplainWorkflowRequest');

export interface Explanation {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly status: string;
  readonly startTimeMs: number;
  readonly shard: number;
  readonly reasons: readonly Reason[];
  readonly omitted: number;
}
export const Explanation = internalCodec<Explanation>('duramesh.operator.v1.Explanation');

export interface Reason {
  readonly code: string;
  readonly text: string;
  readonly advice: string;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly subject: string;
  readonly queue?: AwaitedQueue | undefined;
}
export const Reason = internalCodec<Reason>('duramesh.operator.v1.Reason');

export interface AwaitedQueue {
  readonly name: string;
  readonly type: number;
  readonly sticky: boolean;
  readonly normalName: string;
  readonly workerVersion: string;
}
export const AwaitedQueue = internalCodec<AwaitedQueue>('duramesh.operator.v1.AwaitedQueue');

export const RunState = {
  RUN_STATE_VOID: 0,
  RUN_STATE_CREATED: 1,
  RUN_STATE_RUNNING: 2,
  RUN_STATE_COMPLETED: 3,
} as const;

export interface ExecutionInfo {
  readonly namespaceId: string;
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly firstExecutionRunId: string;
  readonly originalExecutionRunId: string;
  readonly startRequestId: string;
  readonly state: number;
  readonly status: number;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly executionTimeoutMs: number;
  readonly runTimeoutMs: number;
  readonly workflowTaskTimeoutMs: number;
  readonly startTimeMs: number;
  readonly executionTimeMs: number;
  readonly closeTimeMs: number;
  readonly executionExpirationMs: number;
  readonly runExpirationMs: number;
  readonly backoffUntilMs: number;
  readonly nextEventId: number;
  readonly previousStartedEventId: number;
  readonly historySizeBytes: number;
  readonly stateTransitionCount: number;
  readonly lastUpdateMs: number;
  readonly signalCount: number;
  readonly cancelRequested: boolean;
  readonly cancelRequestId: string;
  readonly workflowTask?: WorkflowTaskInfo | undefined;
  readonly workflowTaskFailures: number;
  readonly nextWorkflowTaskAttempt: number;
  readonly sticky?: StickyQueue | undefined;
  readonly memo?: Plain<temporal.api.common.v1.IMemo> | undefined;
  readonly searchAttributes?: Plain<temporal.api.common.v1.ISearchAttributes> | undefined;
  readonly attempt: number;
  readonly retryPolicy?: Plain<temporal.api.common.v1.IRetryPolicy> | undefined;
  readonly cronSchedule: string;
  readonly priority?: Plain<temporal.api.common.v1.IPriority> | undefined;
  readonly parent?: ParentLink | undefined;
  readonly rootWorkflowId: string;
  readonly rootRunId: string;
  readonly userMetadata?: Plain<temporal.api.sdk.v1.IUserMetadata> | undefined;
  readonly nextBufferedKey: number;
  readonly newExecutionRunId: string;
  readonly autoResetPoints?: Plain<temporal.api.workflow.v1.IResetPoints> | undefined;
  readonly versioningOverride?: Plain<temporal.api.workflow.v1.IVersioningOverride> | undefined;
  readonly closeAttempted: boolean;
  readonly closeEventId: number;
  readonly workerVersion?: Plain<temporal.api.common.v1.IWorkerVersionStamp> | undefined;
  readonly continuedExecutionRunId: string;
  readonly lastStamp: number;
  readonly bufferedSizeBytes: number;
  readonly startCarriesOn: boolean;
  readonly workflowTaskProblem: readonly string[];
  readonly workerDeploymentName: string;
  readonly pause?: WorkflowPause | undefined;
  readonly versioningKnown: boolean;
  readonly deleteRequested: boolean;
  readonly baseRunIds: readonly string[];
  readonly resetEventId: number;
  readonly resetRunId: string;
  readonly endedByReset: boolean;
  readonly resets: readonly ResetRecord[];
  readonly timeSkipping?: TimeSkipping | undefined;
  readonly awaitedParent?: AwaitedParent | undefined;
  readonly parentTold: boolean;
  readonly completedUpdateCount: number;
  readonly chainRequestId: string;
  readonly versioning?: RunVersioning | undefined;
  readonly traceparent: string;
}
export const ExecutionInfo = internalCodec<ExecutionInfo>('duramesh.state.v1.ExecutionInfo');

export interface RunVersioning {
  readonly behavior: number;
  readonly version?: Plain<temporal.api.deployment.v1.IWorkerDeploymentVersion> | undefined;
  readonly transition?: VersionTransition | undefined;
  readonly useRamping: boolean;
}
export const RunVersioning = internalCodec<RunVersioning>('duramesh.state.v1.RunVersioning');

export interface VersionTransition {
  readonly to?: Plain<temporal.api.deployment.v1.IWorkerDeploymentVersion> | undefined;
}
export const VersionTransition = internalCodec<VersionTransition>('duramesh.state.v1.VersionTransition');

export interface AwaitedParent {
  readonly askMs: number;
  readonly taskWanted: boolean;
}
export const AwaitedParent = internalCodec<AwaitedParent>('duramesh.state.v1.AwaitedParent');

export interface TimeSkipping {
  readonly config?: Plain<temporal.api.common.v1.ITimeSkippingConfig> | undefined;
  readonly skippedMs: number;
  readonly sessionSkipCount: number;
  readonly fastForwardTargetMs: number;
  readonly fastForwardReached: boolean;
}
export const TimeSkipping = internalCodec<TimeSkipping>('duramesh.state.v1.TimeSkipping');

export interface ResetRecord {
  readonly requestId: string;
  readonly runId: string;
}
export const ResetRecord = internalCodec<ResetRecord>('duramesh.state.v1.ResetRecord');

export interface WorkflowPause {
  readonly pausedMs: number;
  readonly identity: string;
  readonly reason: string;
  readonly requestId: string;
}
export const WorkflowPause = internalCodec<WorkflowPause>('duramesh.state.v1.WorkflowPause');

export interface WorkflowTaskInfo {
  readonly scheduledEventId: number;
  readonly startedEventId: number;
  readonly requestId: string;
  readonly attempt: number;
  readonly timeoutMs: number;
  readonly scheduledMs: number;
  readonly originalScheduledMs: number;
  readonly startedMs: number;
  readonly stamp: number;
  readonly suggestContinueAsNew: boolean;
  readonly suggestContinueAsNewReasons: readonly number[];
  readonly historySizeBytes: number;
  readonly taskQueue: string;
  readonly sticky: boolean;
  readonly scheduleToStartTimeoutMs: number;
  readonly identity: string;
  readonly inHistory: boolean;
  readonly speculative: boolean;
  readonly targetVersionChanged: boolean;
}
export const WorkflowTaskInfo = internalCodec<WorkflowTaskInfo>('duramesh.state.v1.WorkflowTaskInfo');

export interface StickyQueue {
  readonly name: string;
  readonly scheduleToStartTimeoutMs: number;
}
export const StickyQueue = internalCodec<StickyQueue>('duramesh.state.v1.StickyQueue');

export interface ParentLink {
  readonly namespaceId: string;
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly initiatedEventId: number;
}
export const ParentLink = internalCodec<ParentLink>('duramesh.state.v1.ParentLink');

export interface RequestIdRecord {
  readonly eventType: number;
  readonly eventId: number;
}
export const RequestIdRecord = internalCodec<RequestIdRecord>('duramesh.state.v1.RequestIdRecord');

export interface ActivityInfo {
  readonly scheduledEventId: number;
  readonly activityId: string;
  readonly activityType: string;
  readonly taskQueue: string;
  readonly attempt: number;
  readonly firstScheduledMs: number;
  readonly scheduledMs: number;
  readonly startedMs: number;
  readonly requestId: string;
  readonly identity: string;
  readonly scheduleToCloseTimeoutMs: number;
  readonly scheduleToStartTimeoutMs: number;
  readonly startToCloseTimeoutMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly expirationMs: number;
  readonly retryPolicy?: Plain<temporal.api.common.v1.IRetryPolicy> | undefined;
  readonly heartbeatDetails?: Plain<temporal.api.common.v1.IPayloads> | undefined;
  readonly lastHeartbeatMs: number;
  readonly lastFailure?: Plain<temporal.api.failure.v1.IFailure> | undefined;
  readonly lastWorkerIdentity: string;
  readonly lastAttemptCompleteMs: number;
  readonly cancelRequested: boolean;
  readonly cancelRequestedEventId: number;
  readonly stamp: number;
  readonly inBackoff: boolean;
  readonly startVersion: number;
  readonly priority?: Plain<temporal.api.common.v1.IPriority> | undefined;
  readonly useWorkflowBuildId: boolean;
  readonly scheduledBatchEventId: number;
  readonly pause?: ActivityPause | undefined;
  readonly reset: boolean;
  readonly resetHeartbeat: boolean;
  readonly originalOptions?: ActivityOptions | undefined;
}
export const ActivityInfo = internalCodec<ActivityInfo>('duramesh.state.v1.ActivityInfo');

export interface ActivityPause {
  readonly pausedMs: number;
  readonly identity: string;
  readonly reason: string;
  readonly requestId: string;
  readonly ruleId: string;
}
export const ActivityPause = internalCodec<ActivityPause>('duramesh.state.v1.ActivityPause');

export interface ActivityOptions {
  readonly taskQueue: string;
  readonly scheduleToCloseTimeoutMs: number;
  readonly scheduleToStartTimeoutMs: number;
  readonly startToCloseTimeoutMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly retryPolicy?: Plain<temporal.api.common.v1.IRetryPolicy> | undefined;
  readonly priority?: Plain<temporal.api.common.v1.IPriority> | undefined;
}
export const ActivityOptions = internalCodec<ActivityOptions>('duramesh.state.v1.ActivityOptions');

export interface TimerInfo {
  readonly timerId: string;
  readonly startedEventId: number;
  readonly firesMs: number;
}
export const TimerInfo = internalCodec<TimerInfo>('duramesh.state.v1.TimerInfo');

export const UpdateStage = {
  UPDATE_STAGE_UNSPECIFIED: 0,
  UPDATE_STAGE_ADMITTED: 1,
  UPDATE_STAGE_ACCEPTED: 2,
  UPDATE_STAGE_COMPLETED: 3,
} as const;

export interface UpdateInfo {
  readonly updateId: string;
  readonly stage: number;
  readonly admittedEventId: number;
  readonly acceptedEventId: number;
  readonly completedEventId: number;
  readonly completedBatchEventId: number;
  readonly requestId: string;
}
export const UpdateInfo = internalCodec<UpdateInfo>('duramesh.state.v1.UpdateInfo');

export interface ChildInfo {
  readonly initiatedEventId: number;
  readonly initiatedBatchEventId: number;
  readonly workflowId: string;
  readonly workflowType: string;
  readonly parentClosePolicy: number;
  readonly runId: string;
  readonly startedEventId: number;
  readonly confirmed: boolean;
  readonly policyApplied: boolean;
  readonly originRunId: string;
  readonly endAsked: boolean;
}
export const ChildInfo = internalCodec<ChildInfo>('duramesh.state.v1.ChildInfo');

export interface ExternalRequestInfo {
  readonly initiatedEventId: number;
  readonly initiatedBatchEventId: number;
  readonly workflowId: string;
  readonly runId: string;
  readonly originRunId: string;
}
export const ExternalRequestInfo = internalCodec<ExternalRequestInfo>('duramesh.state.v1.ExternalRequestInfo');

export interface CallbackInfo {
  readonly callback?: Plain<temporal.api.common.v1.ICallback> | undefined;
  readonly registeredMs: number;
}
export const CallbackInfo = internalCodec<CallbackInfo>('duramesh.state.v1.CallbackInfo');

export interface BufferedEvent {
  readonly event?: Plain<temporal.api.history.v1.IHistoryEvent> | undefined;
}
export const BufferedEvent = internalCodec<BufferedEvent>('duramesh.state.v1.BufferedEvent');

export interface NamespaceRecord {
  readonly id: string;
  readonly name: string;
  readonly state: number;
  readonly description: string;
  readonly ownerEmail: string;
  readonly data: Readonly<Record<string, string>>;
  readonly retentionMs: number;
  readonly searchAttributes: Readonly<Record<string, number>>;
  readonly configVersion: number;
  readonly version: number;
  readonly createdMs: number;
  readonly badBinaries: readonly BadBinary[];
  readonly workflowRules: readonly Plain<temporal.api.rules.v1.IWorkflowRule>[];
}
export const NamespaceRecord = internalCodec<NamespaceRecord>('duramesh.state.v1.NamespaceRecord');

export interface BadBinary {
  readonly checksum: string;
  readonly reason: string;
  readonly operator: string;
  readonly createdMs: number;
}
export const BadBinary = internalCodec<BadBinary>('duramesh.state.v1.BadBinary');

export interface WorkerDeploymentInfo {
  readonly namespaceId: string;
  readonly name: string;
  readonly createdMs: number;
  readonly createRequestId: string;
  readonly token: number;
  readonly lastModifierIdentity: string;
  readonly managerIdentity: string;
  readonly routing?: Plain<temporal.api.deployment.v1.IRoutingConfig> | undefined;
  readonly revision: number;
  readonly untold: readonly DeploymentQueue[];
}
export const WorkerDeploymentInfo = internalCodec<WorkerDeploymentInfo>('duramesh.state.v1.WorkerDeploymentInfo');

export interface DeploymentQueue {
  readonly name: string;
  readonly type: number;
}
export const DeploymentQueue = internalCodec<DeploymentQueue>('duramesh.state.v1.DeploymentQueue');

export interface DeploymentVersionInfo {
  readonly buildId: string;
  readonly status: number;
  readonly createdMs: number;
  readonly createRequestId: string;
  readonly routingChangedMs: number;
  readonly currentSinceMs: number;
  readonly rampingSinceMs: number;
  readonly firstActivationMs: number;
  readonly lastCurrentMs: number;
  readonly lastDeactivationMs: number;
  readonly rampPercentage: number;
  readonly queues: readonly DeploymentQueue[];
  readonly metadata?: Plain<temporal.api.deployment.v1.IVersionMetadata> | undefined;
  readonly computeConfig?: Plain<temporal.api.compute.v1.IComputeConfig> | undefined;
  readonly lastModifierIdentity: string;
  readonly drainage?: VersionDrainage | undefined;
}
export const DeploymentVersionInfo = internalCodec<DeploymentVersionInfo>('duramesh.state.v1.DeploymentVersionInfo');

export interface VersionDrainage {
  readonly drained: boolean;
  readonly changedMs: number;
  readonly checkedMs: number;
  readonly nextCheckMs: number;
  readonly checkDue: boolean;
}
export const VersionDrainage = internalCodec<VersionDrainage>('duramesh.state.v1.VersionDrainage');

export interface WorkflowTaskToken {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly scheduledEventId: number;
  readonly startedEventId: number;
  readonly startedTimeMs: number;
  readonly attempt: number;
  readonly stamp: number;
  readonly traceparent: string;
}
export const WorkflowTaskToken = internalCodec<WorkflowTaskToken>('duramesh.token.v1.WorkflowTaskToken');

export interface ActivityTaskToken {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly scheduledEventId: number;
  readonly activityId: string;
  readonly activityType: string;
  readonly attempt: number;
  readonly startVersion: number;
  readonly traceparent: string;
}
export const ActivityTaskToken = internalCodec<ActivityTaskToken>('duramesh.token.v1.ActivityTaskToken');

export interface QueryTaskToken {
  readonly namespaceId: string;
  readonly taskQueue: string;
  readonly partition: number;
  readonly queryId: string;
  readonly kind: number;
}
export const QueryTaskToken = internalCodec<QueryTaskToken>('duramesh.token.v1.QueryTaskToken');

export interface HistoryPageToken {
  readonly runId: string;
  readonly nextEventId: number;
  readonly endEventId: number;
  readonly running: boolean;
  readonly transient: boolean;
}
export const HistoryPageToken = internalCodec<HistoryPageToken>('duramesh.token.v1.HistoryPageToken');

export interface ServerReflectionRequest {
  readonly host: string;
  readonly fileByFilename?: string | undefined;
  readonly fileContainingSymbol?: string | undefined;
  readonly fileContainingExtension?: ReflectedExtension | undefined;
  readonly allExtensionNumbersOfType?: string | undefined;
  readonly listServices?: string | undefined;
}
export const ServerReflectionRequest = internalCodec<ServerReflectionRequest>('grpc.reflection.v1.ServerReflectionRequest');

export interface ReflectedExtension {
  readonly containingType: string;
  readonly extensionNumber: number;
}
export const ReflectedExtension = internalCodec<ReflectedExtension>('grpc.reflection.v1.ReflectedExtension');

export interface ServerReflectionResponse {
  readonly validHost: string;
  readonly originalRequest?: ServerReflectionRequest | undefined;
  readonly fileDescriptorResponse?: ReflectedFiles | undefined;
  readonly listServicesResponse?: ReflectedServices | undefined;
  readonly errorResponse?: ReflectionRefusal | undefined;
}
export const ServerReflectionResponse = internalCodec<ServerReflectionResponse>('grpc.reflection.v1.ServerReflectionResponse');

export interface ReflectedFiles {
  readonly fileDescriptorProto: readonly Uint8Array[];
}
export const ReflectedFiles = internalCodec<ReflectedFiles>('grpc.reflection.v1.ReflectedFiles');

export interface ReflectedServices {
  readonly service: readonly ReflectedService[];
}
export const ReflectedServices = internalCodec<ReflectedServices>('grpc.reflection.v1.ReflectedServices');

export interface ReflectedService {
  readonly name: string;
}
export const ReflectedService = internalCodec<ReflectedService>('grpc.reflection.v1.ReflectedService');

export interface ReflectionRefusal {
  readonly errorCode: number;
  readonly errorMessage: string;
}
export const ReflectionRefusal = internalCodec<ReflectionRefusal>('grpc.reflection.v1.ReflectionRefusal');
