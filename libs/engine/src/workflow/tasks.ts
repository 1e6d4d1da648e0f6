import type { Plain, temporal } from '@duramesh/proto';

export type Priority = Plain<temporal.api.common.v1.IPriority>;

/**
 * Immediate work that follows from a transition. It has no row of its own: what is still to be done can be read from
 * the state (`outstanding`), so memory carries it and a new owner finds it again.
 */
export type TaskDraft =
  | {
      readonly type: 'DispatchWorkflowTask';
      readonly scheduledEventId: number;
      readonly attempt: number;
      readonly stamp: number;
      readonly taskQueue: string;
      readonly sticky: boolean;
      /** The normal queue, where the task goes when the sticky worker is away. */
      readonly normalTaskQueue: string;
      /** 0 means no limit. */
      readonly scheduleToStartTimeoutMs: number;
      readonly priority: Priority | undefined;
    }
  | {
      readonly type: 'DispatchActivityTask';
      readonly scheduledEventId: number;
      readonly attempt: number;
      readonly stamp: number;
      readonly taskQueue: string;
      readonly scheduleToStartTimeoutMs: number;
      readonly priority: Priority | undefined;
    };
