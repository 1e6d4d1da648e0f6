/** What clients and workers were told. The world must agree in the end. */
export class Ledger {
  /** Workflow ids whose start was acknowledged, with the run they were told. */
  readonly starts = new Map<string, string>();
  /** Acknowledged signals: request id → workflow id. */
  readonly signals = new Map<string, string>();
  readonly cancels = new Set<string>();
  /** Updates that were acknowledged as accepted, by id: in which run, and whether with an outcome. */
  readonly updates = new Map<string, { readonly runId: string; readonly isCompleted: boolean }>();
  /** Updates whose rejection was acknowledged. */
  readonly rejectedUpdates = new Set<string>();
  /** Acknowledged resets: request id → the run that it made. */
  readonly resets = new Map<string, string>();
  /** `runId/scheduledEventId` of activities whose completion was acknowledged. */
  readonly activityCompletions: string[] = [];
  /** `runId/startedEventId` of workflow tasks whose completion was acknowledged. */
  readonly taskCompletions: string[] = [];
  /** `runId/startedEventId/attempt` of workflow tasks handed to a worker. */
  readonly tasksGiven: string[] = [];
  /** Broken promises seen on the way. */
  readonly violations: string[] = [];

  violation(text: string): void {
    if (this.violations.length < 20) this.violations.push(text);
  }
}
