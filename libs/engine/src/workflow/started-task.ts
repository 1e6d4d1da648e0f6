import type { Plain, temporal } from '@duramesh/proto';
import type { HistoryEvent } from './events.ts';
import type { ProtocolMessage } from './update-messages.ts';

type Payloads = Plain<temporal.api.common.v1.IPayloads>;

/** What history needs to answer a poll with the workflow task that was just started. */
export interface StartedWorkflowTask {
  readonly scheduledEventId: number;
  readonly startedEventId: number;
  readonly previousStartedEventId: number;
  readonly attempt: number;
  readonly stamp: number;
  readonly scheduledMs: number;
  readonly startedMs: number;
  readonly workflowType: string;
  readonly normalTaskQueue: string;
  /** The worker has the history up to previousStartedEventId: send what follows only. */
  readonly sticky: boolean;
  /** Events that are not in history yet but end what the worker is sent (transient and speculative tasks). */
  readonly virtualEvents: readonly HistoryEvent[];
  /** Updates that ride on the task. */
  readonly messages: readonly ProtocolMessage[];
  /** The same poll was told of it before, in an answer that may have been lost. */
  readonly toldAgain: boolean;
}

/** What history needs to answer a poll with the activity attempt that was just started. */
export interface StartedActivityTask {
  readonly scheduledEventId: number;
  /** Where to read the scheduled event with input and header. */
  readonly scheduledBatchEventId: number;
  readonly activityId: string;
  readonly activityType: string;
  readonly attempt: number;
  readonly startVersion: number;
  readonly firstScheduledMs: number;
  readonly scheduledMs: number;
  readonly startedMs: number;
  readonly heartbeatDetails: Payloads | undefined;
  readonly retryPolicy: Plain<temporal.api.common.v1.IRetryPolicy> | undefined;
  readonly priority: Plain<temporal.api.common.v1.IPriority> | undefined;
  readonly workflowType: string;
}
