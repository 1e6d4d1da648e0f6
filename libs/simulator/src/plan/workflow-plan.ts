import type { HistoryEvent } from '@duramesh/engine';
import { fromPayloads } from '../payloads.ts';

/** What a simulated workflow is to do before it ends; its input. */
export interface WorkflowPlan {
  readonly activities: number;
  readonly timersMs: readonly number[];
  /** Signals that its first run waits for. */
  readonly signals: number;
  /** Updates it is sent; it does not wait for them. */
  readonly updates: number;
  /** It is started together with the first of them. */
  readonly startsWithUpdate: boolean;
  /** Times it continues as new before it completes. */
  readonly generations: number;
  readonly taskQueue: string;
  /** Its timers are not waited for. */
  readonly skipsTime: boolean;
  readonly children: readonly WorkflowPlan[];
  /** It ends only after all its children have. */
  readonly awaitsChildren: boolean;
  /** temporal.api.enums.v1.ParentClosePolicy of its children */
  readonly closePolicy: number;
  /** Another workflow that it signals, and one that it cancels, whether they are there or not. */
  readonly signalsTo: string | undefined;
  readonly cancels: string | undefined;
  /** Absent from the plans of seeds that found bugs before there was more. */
  readonly more?: MorePlan | undefined;
}

/** What only some workflows do. */
export interface MorePlan {
  /** It tells how far it is: by a search attribute, its memo and markers. */
  readonly tells: boolean;
  /** Timers, and activities, that it lets go again as soon as it wakes. */
  readonly droppedTimers: number;
  readonly droppedActivities: number;
  /** Activities that may fail for good. */
  readonly brittle: number;
  /** It fails in so many attempts. */
  readonly failures: number;
  /** It runs again and again until somebody ends it. */
  readonly isCron: boolean;
  /** 0 for none */
  readonly runTimeoutMs: number;
}

export const planOf = (events: readonly HistoryEvent[]): WorkflowPlan =>
  fromPayloads(events[0]?.workflowExecutionStartedEventAttributes?.input) as WorkflowPlan;

/** How the activities of a plan are called, by what its workers do with them. */
export const ACTIVITY_TYPES = { effect: 'effect', dropped: 'dropped', brittle: 'brittle' } as const;
/** The search attribute that tells how far a workflow is. */
export const STEP = 'Step';

export interface StartOptions {
  readonly workflowRunTimeout?: { readonly seconds: number };
  readonly retryPolicy?: object;
  readonly cronSchedule?: string;
}

/** What a start has to say, so that the plan can be carried out. */
export function startOptionsOf({ more }: WorkflowPlan): StartOptions {
  if (!more) return {};
  const { failures, isCron, runTimeoutMs } = more;
  return {
    ...(runTimeoutMs > 0 && { workflowRunTimeout: { seconds: Math.ceil(runTimeoutMs / 1000) } }),
    ...(failures > 0 && { retryPolicy: { initialInterval: { seconds: 1 }, maximumAttempts: 3 } }),
    ...(isCron && { cronSchedule: '@every 8s' }),
  };
}
