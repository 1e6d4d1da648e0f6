import type { Plain, temporal } from '@duramesh/proto';
import type { Draft } from '../draft.ts';

type Command = Plain<temporal.api.command.v1.ICommand>;

/** What the commands of one completion gather for the time after the last of them. */
export interface CommandEffects {
  /** Activities whose worker asked to be given them with the answer, by scheduled event id. */
  readonly eagerActivities: number[];
  /** Something ended because of a command: the worker must be told in a task of its own. */
  wantsWorkflowTask: boolean;
}

export const newCommandEffects = (): CommandEffects => ({ eagerActivities: [], wantsWorkflowTask: false });

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

/** Causes that commands give. @see spec-history 2.12 */
export const CAUSES = {
  UnhandledCommand: 1,
  BadScheduleActivityAttributes: 2,
  BadRequestCancelActivityAttributes: 3,
  BadStartTimerAttributes: 4,
  BadCancelTimerAttributes: 5,
  BadRecordMarkerAttributes: 6,
  BadCompleteWorkflowExecutionAttributes: 7,
  BadFailWorkflowExecutionAttributes: 8,
  BadCancelWorkflowExecutionAttributes: 9,
  BadContinueAsNewAttributes: 11,
  StartTimerDuplicateId: 12,
  BadBinary: 21,
  ScheduleActivityDuplicateId: 22,
  BadSearchAttributes: 23,
  BadModifyWorkflowPropertiesAttributes: 25,
  PendingActivitiesLimitExceeded: 27,
} as const;

export const commandFailure = (cause: keyof typeof CAUSES, message?: string): CommandFailure =>
  message === undefined ? { cause: CAUSES[cause] } : { cause: CAUSES[cause], message };

/** A failure that also ends the run. */
export const terminatingFailure = (cause: keyof typeof CAUSES, message: string): CommandFailure => ({
  cause: CAUSES[cause],
  message,
  terminate: true,
});
