export {
  type CallContext,
  type CallOptions,
  type Client,
  type Contract,
  filterOf,
  type Handlers,
  kebab,
  type Method,
  partitionOf,
  type RequestOf,
  type ResponseOf,
  subjectOf,
} from './contract.ts';
export { CONTRACT_VERSION, isContractSpokenHere } from './contract-version.ts';
export { archetypeOf, entityNamespace } from './entity-namespace.ts';
export * from './errors.ts';
export { type HistoryContract, historyContract, workflowKey, workflowServiceCodec } from './history.ts';
export type {
  PollTimeSkippingResponse,
  PollWorkflowUpdateResponse,
  QueryWorkflowResponse,
  SignalWithStartWorkflowResponse,
  SignalWorkflowResponse,
  StartWorkflowResponse,
  UpdateWorkflowResponse,
} from './history.ts';
export { type MatchingContract, matchingContract, partitionKey } from './matching.ts';
export { type OperatorContract, operatorContract, PROCESS_PARTITIONS } from './operator.ts';
export { type ErrorDetail, GrpcCode, ServiceError } from './service-error.ts';
export { isStickyWorkerUnavailable, stickyWorkerUnavailable } from './sticky-worker-unavailable.ts';
export {
  childPartition,
  onePartition,
  type PartitionCounts,
  partitionName,
  type PartitionRule,
  partitionsBy,
  type PartitionsOf,
  writePartition,
} from './task-queue-partitions.ts';
