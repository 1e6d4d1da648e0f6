import type { Plain, temporal } from '@duramesh/proto';
import type { Draft } from '../draft.ts';

type Command = Plain<temporal.api.command.v1.ICommand>;
type Message = Plain<temporal.api.protocol.v1.IMessage>;

/** What the commands of one completion gather for the time after the last of them. */
export interface CommandEffects {
  /** Activities whose worker asked to be given them with the answer, by scheduled event id. */
  readonly eagerActivities: number[];
  /** Messages of the completion that no command has placed yet, by id. */
  readonly messages: Map<string, Message>;
  /** Workflow ids of the children to be started. */
  readonly children: Set<string>;
}

export const newCommandEffects = (messages: readonly Message[] = []): CommandEffects => ({
  eagerActivities: [],
  messages: new Map(messages.map((message) => [message.id ?? '', message])),
  children: new Set(),
});

/** What a worker's command is carried out with. One object serves all commands of a completion but for its metadata. */
export interface WorkerCommandContext {
  readonly workflowTaskCompletedEventId: number;
  readonly identity: string;
  readonly userMetadata?: Command['userMetadata'];
  readonly eventGroupMarkers?: Command['eventGroupMarkers'];
  readonly effects: CommandEffects;
}

/** A command that cannot be carried out. The workflow task fails with it. @see spec-history 2.6 */
export interface CommandFailure {
  /** @see temporal.api.enums.v1.WorkflowTaskFailedCause */
  readonly cause: number;
  /** Without it the worker reads the name of the cause alone. */
  readonly message?: string;
  /** The run ends with the workflow task: trying again would be as bad. */
  readonly terminate?: boolean;
}

/** Carries out one command of a worker; whatever it refuses, the whole draft is dropped. */
export type WorkerCommand<Attributes> = (
  draft: Draft,
  attributes: Attributes | undefined,
  context: WorkerCommandContext,
) => CommandFailure | undefined;

/** Why a workflow task fails, by the name people read. @see temporal.api.enums.v1.WorkflowTaskFailedCause */
export const CAUSES = {
  Unspecified: 0,
  UnhandledCommand: 1,
  BadScheduleActivityAttributes: 2,
  BadRequestCancelActivityAttributes: 3,
  BadStartTimerAttributes: 4,
  BadCancelTimerAttributes: 5,
  BadRecordMarkerAttributes: 6,
  BadCompleteWorkflowExecutionAttributes: 7,
  BadFailWorkflowExecutionAttributes: 8,
  BadCancelWorkflowExecutionAttributes: 9,
  BadRequestCancelExternalWorkflowExecutionAttributes: 10,
  BadContinueAsNewAttributes: 11,
  StartTimerDuplicateId: 12,
  ResetStickyTaskQueue: 13,
  WorkflowWorkerUnhandledFailure: 14,
  BadSignalWorkflowExecutionAttributes: 15,
  BadStartChildExecutionAttributes: 16,
  ForceCloseCommand: 17,
  FailoverCloseCommand: 18,
  BadSignalInputSize: 19,
  ResetWorkflow: 20,
  BadBinary: 21,
  ScheduleActivityDuplicateId: 22,
  BadSearchAttributes: 23,
  NonDeterministicError: 24,
  BadModifyWorkflowPropertiesAttributes: 25,
  PendingChildWorkflowsLimitExceeded: 26,
  PendingActivitiesLimitExceeded: 27,
  PendingSignalsLimitExceeded: 28,
  PendingRequestCancelLimitExceeded: 29,
  BadUpdateWorkflowExecutionMessage: 30,
  UnhandledUpdate: 31,
  BadScheduleNexusOperationAttributes: 32,
  PendingNexusOperationsLimitExceeded: 33,
  BadRequestCancelNexusOperationAttributes: 34,
  FeatureDisabled: 35,
  GrpcMessageTooLarge: 36,
  PayloadsTooLarge: 37,
  ExternalStorageFailure: 38,
  WorkflowPauseRequestedBeforeTaskStarted: 39,
  RequestTooLarge: 40,
} as const;
export type CauseName = keyof typeof CAUSES;

const NAMES = new Map<number, string>(Object.entries(CAUSES).map(([name, cause]) => [cause, name]));
export const causeName = (cause: number): string => NAMES.get(cause) ?? String(cause);

export const commandFailure = (cause: CauseName, message?: string): CommandFailure =>
  message === undefined ? { cause: CAUSES[cause] } : { cause: CAUSES[cause], message };

/** A failure that also ends the run. */
export const terminatingFailure = (cause: CauseName, message: string): CommandFailure => ({
  cause: CAUSES[cause],
  message,
  terminate: true,
});

/** Too many of one thing are pending for another; a limit of 0 is none. The worker may try again later. */
export function pendingFailure(
  { cause, name }: { readonly cause: CauseName; readonly name: string },
  count: number,
  limit: number,
): CommandFailure | undefined {
  if (limit <= 0 || count < limit) return undefined;
  return commandFailure(cause, `the number of ${name}, ${count}, has reached the per-workflow limit of ${limit}`);
}
