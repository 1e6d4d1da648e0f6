import type { SearchAttributeType } from '@duramesh/visibility';

/** Where callbacks may go. */
export interface CallbackAddress {
  /** Host, with its port if it has one; `*` stands for anything. */
  readonly pattern: string;
  /** Also by http. */
  readonly allowInsecure: boolean;
}

/** What a request may be. Lengths are bytes of UTF-8. */
export interface FrontendLimits {
  /** Of one gRPC message from a client. */
  readonly requestBytes: number;
  readonly idBytes: number;
  readonly buildIdBytes: number;
  /** Of one set of payloads: an input, a result, details. */
  readonly blobBytes: number;
  /** What is kept of a failure that is too large. */
  readonly blobWarnBytes: number;
  readonly memoBytes: number;
  readonly linksPerRequest: number;
  readonly linkBytes: number;
  readonly callbacksPerExecution: number;
  readonly callbackUrlBytes: number;
  readonly callbackHeaderBytes: number;
  /** Beside the server's own address, callbacks may be registered for these. */
  readonly callbackAddresses: readonly CallbackAddress[];
  readonly fairnessKeyBytes: number;
  /** Skips of time of a workflow whose caller does not say how many. */
  readonly skipsPerSession: number;
  readonly searchAttributeKeys: number;
  readonly searchAttributeValueBytes: number;
  readonly searchAttributesBytes: number;
  /** Custom search attributes of each type that a namespace may have. */
  readonly customSearchAttributes: Readonly<Record<SearchAttributeType, number>>;
  readonly badBinaries: number;
  /** Whether runs can be paused. */
  readonly workflowPause: boolean;
  /** Whether there are rules that pause activities. */
  readonly workflowRules: boolean;
  readonly rulesPerNamespace: number;
  /** Of one encoded rule: every request to a run carries the rules of its namespace. */
  readonly ruleBytes: number;
  readonly minRetentionMs: number;
  readonly historyPageSize: number;
  readonly visibilityPageSize: number;
  readonly archivalPageSize: number;
  /** How long a poll for a task may wait; a random part of up to a sixth is taken off. */
  readonly pollExpirationMs: number;
  /** Polls for one kind of task that one namespace may have waiting at this frontend. */
  readonly pollsPerNamespace: number;
  /** Build ids whose reachability may be asked for at once. */
  readonly reachabilityBuildIds: number;
  /** Why a task queue was configured the way it is; characters of the text. */
  readonly reasonLength: number;
  /** Weights of fairness keys that one request may change. */
  readonly fairnessWeights: number;
  /** How long a read of history may wait for events. */
  readonly historyWaitMs: number;
  /** How long a call may wait for an update; it is then told how far the update has come. */
  readonly updateWaitMs: number;
  readonly slowRequestMs: number;
  readonly errorMessageBytes: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const defaultLimits: FrontendLimits = {
  requestBytes: 4 * MIB,
  idBytes: 1000,
  buildIdBytes: 255,
  blobBytes: 2 * MIB,
  blobWarnBytes: 512 * KIB,
  memoBytes: 2 * MIB,
  linksPerRequest: 10,
  linkBytes: 4000,
  callbacksPerExecution: 2000,
  callbackUrlBytes: 1000,
  callbackHeaderBytes: 8 * KIB,
  callbackAddresses: [],
  fairnessKeyBytes: 64,
  skipsPerSession: 200,
  searchAttributeKeys: 100,
  searchAttributeValueBytes: 2 * KIB,
  searchAttributesBytes: 40 * KIB,
  customSearchAttributes: { Bool: 3, Datetime: 3, Double: 3, Int: 3, Keyword: 10, KeywordList: 3, Text: 3 },
  badBinaries: 10,
  workflowPause: true,
  workflowRules: true,
  rulesPerNamespace: 10,
  ruleBytes: 4000,
  minRetentionMs: 3_600_000,
  historyPageSize: 256,
  visibilityPageSize: 1000,
  archivalPageSize: 10_000,
  pollExpirationMs: 60_000,
  pollsPerNamespace: 1200,
  reachabilityBuildIds: 5,
  reasonLength: 1000,
  fairnessWeights: 1000,
  historyWaitMs: 20_000,
  updateWaitMs: 20_000,
  slowRequestMs: 5000,
  errorMessageBytes: 4000,
};
