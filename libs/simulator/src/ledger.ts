import type { TimestampMs } from '@duramesh/runtime';

/** Something that no worker is to be given from one moment to another. */
export interface Hold {
  readonly runId: string;
  /** undefined when the whole run is paused. */
  readonly activityId: string | undefined;
  /** When the pause was acknowledged. */
  readonly fromMs: TimestampMs;
  /** When it was asked to end; Infinity until then. */
  untilMs: TimestampMs;
}

export interface ActivityCompletion {
  readonly runId: string;
  readonly scheduledEventId: number;
  /** undefined when it was completed by its id. */
  readonly attempt: number | undefined;
}

/** The maximum interval between attempts that begin from a moment on. */
export interface ChangedInterval {
  readonly fromMs: TimestampMs;
  readonly seconds: number;
}

/** What clients and workers were told. The world must agree in the end. */
export class Ledger {
  /** Workflow ids whose start was acknowledged, with the run they were told. */
  readonly starts = new Map<string, string>();
  /** Acknowledged signals: request id → workflow id, and the run that took it. */
  readonly signals = new Map<string, { readonly workflowId: string; readonly runId: string }>();
  readonly cancels = new Set<string>();
  /** Updates that were acknowledged as accepted, by id: in which run, and whether with an outcome. */
  readonly updates = new Map<string, { readonly runId: string; readonly isCompleted: boolean }>();
  /** Updates whose rejection was acknowledged. */
  readonly rejectedUpdates = new Set<string>();
  /** Acknowledged resets: request id → the run that it made. */
  readonly resets = new Map<string, string>();
  /** Runs whose termination was acknowledged, with the reason that was given. */
  readonly terminations = new Map<string, string>();
  /** Runs that were asked to be deleted, with their workflow ids: whether they are there is open. */
  readonly deletions = new Map<string, string>();
  /** Those of them whose deletion was acknowledged. */
  readonly deleted = new Set<string>();
  /** How far a run has told to be, by run id, as far as its worker was thanked for it. */
  readonly steps = new Map<string, number>();
  readonly holds: Hold[] = [];
  /** By `runId/activityId`. */
  readonly changedIntervals = new Map<string, ChangedInterval>();
  /** Activities whose completion was acknowledged. */
  readonly activityCompletions: ActivityCompletion[] = [];
  /** Workflow tasks whose completion was acknowledged. */
  readonly taskCompletions: { readonly runId: string; readonly startedEventId: number }[] = [];
  /** `runId/startedEventId/attempt` of workflow tasks handed to a worker. */
  readonly tasksGiven: string[] = [];
  /** Broken promises seen on the way. */
  readonly violations: string[] = [];

  violation(text: string): void {
    if (this.violations.length < 20) this.violations.push(text);
  }

  /** Whether runs of a workflow may be gone. */
  mayLackRuns(workflowId: string): boolean {
    for (const deletedFrom of this.deletions.values()) if (deletedFrom === workflowId) return true;
    return false;
  }

  /** The last event that workers of a run were told of and thanked for, in the first `count` completions. */
  lastEventKnown(runId: string, count: number): number {
    let last = 0;
    for (const completion of this.taskCompletions.slice(0, count)) {
      if (completion.runId === runId) last = Math.max(last, completion.startedEventId);
    }
    return last;
  }

  /** What was begun for a worker at `startedMs` must not have been. */
  checkNotHeld(task: { readonly runId: string; readonly activityId: string | undefined }, startedMs: number): void {
    for (const { runId, activityId, fromMs, untilMs } of this.holds) {
      const isMeant = runId === task.runId && (activityId === undefined || activityId === task.activityId);
      if (!isMeant || startedMs <= fromMs || startedMs >= untilMs) continue;
      this.violation(`run ${runId}: ${task.activityId ?? 'a workflow task'} was begun while it was paused`);
    }
  }
}
