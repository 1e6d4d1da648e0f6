import type { ExecutionInfo, Plain, temporal } from '@duramesh/proto';
import type { Version } from '../worker-deployment/versions.ts';
import type { Draft } from './draft.ts';
import type { HistoryEvent } from './events.ts';
import type { Refusal } from './refusal.ts';
import type { StartedActivityTask, StartedWorkflowTask } from './started-task.ts';
import type { UpdateProgress, UpdateRequest } from './updates.ts';

type Payloads = Plain<temporal.api.common.v1.IPayloads>;
type Failure = Plain<temporal.api.failure.v1.IFailure>;
type Link = Plain<temporal.api.common.v1.ILink>;
type ResetRecords = ExecutionInfo['resets'];
type Header = Plain<temporal.api.common.v1.IHeader>;
type StartRequest = Plain<temporal.api.workflowservice.v1.IStartWorkflowExecutionRequest>;
type CompletedRequest = Plain<temporal.api.workflowservice.v1.IRespondWorkflowTaskCompletedRequest>;
type FailedRequest = Plain<temporal.api.workflowservice.v1.IRespondWorkflowTaskFailedRequest>;
type StartedAttributes = Plain<temporal.api.history.v1.IWorkflowExecutionStartedEventAttributes>;

/** What the SignalWorkflow command and a signal that comes with a start say. */
export interface SignalInput {
  readonly signalName: string;
  readonly input?: Payloads | undefined;
  readonly identity: string;
  readonly header?: Header | undefined;
  /** Empty: never taken for a repetition. */
  readonly requestId: string;
  readonly links?: readonly Link[] | undefined;
}

/** A workflow that asks something of another one. */
export interface RequestingWorkflow {
  readonly workflowId: string;
  readonly runId: string;
  /** The event by which it decided to; 0 when its close is the reason. */
  readonly initiatedEventId: number;
  /** The other one must be a child of this one. */
  readonly childWorkflowOnly: boolean;
  /** The runs that this one was made of by resets: their children are those of this one. */
  readonly baseRunIds?: readonly string[] | undefined;
}

/** What a child is told of where it comes from. */
export interface Parentage {
  readonly namespaceId: string;
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly initiatedEventId: number;
  readonly root: { readonly workflowId: string; readonly runId: string };
  /** The clock of the parent, which the child goes on by. */
  readonly timeSkipping?: StartedAttributes['timeSkippingStatePropagation'];
  readonly inheritedPinnedVersion?: StartedAttributes['inheritedPinnedVersion'];
  readonly inheritedAutoUpgradeInfo?: StartedAttributes['inheritedAutoUpgradeInfo'];
}

/** How a worker's answer names the task it holds. */
export interface HeldWorkflowTask {
  readonly scheduledEventId: number;
  readonly startedEventId: number;
  readonly startedMs: number;
  readonly attempt: number;
  readonly stamp: number;
}

/** A pending activity: by what its token says, or by id alone (attempt is then not compared). */
export type HeldActivity =
  | { readonly by: 'token'; readonly scheduledEventId: number; readonly attempt: number; readonly startVersion: number }
  | { readonly by: 'id'; readonly activityId: string };

/** Which pending activities an operator means. */
export type ActivityTarget =
  | { readonly by: 'id'; readonly activityId: string }
  | { readonly by: 'type'; readonly activityType: string }
  | { readonly by: 'all' };

export type ActivityOptions = Plain<temporal.api.activity.v1.IActivityOptions>;
export type WorkflowOptions = Plain<temporal.api.workflow.v1.IWorkflowExecutionOptions>;

/** Everything that can be asked of a run, and what it answers. One handler file each in commands/. */
export interface CommandTable {
  /** Begins a run: by a client, or as the next of a chain (`continued` then holds the whole started event). */
  StartWorkflow: {
    command: {
      readonly namespaceId: string;
      readonly namespace: string;
      readonly request: StartRequest;
      readonly requestId: string;
      readonly signal?: SignalInput | undefined;
      /** Waits for the first workflow task. */
      readonly update?: UpdateRequest | undefined;
      /** The caller's own worker takes the first workflow task with the answer. */
      readonly eager: boolean;
      /** Of a child: no worker is asked until its parent has recorded the start. */
      readonly parentage?: Parentage | undefined;
    };
    reply: { readonly eagerTask: StartedWorkflowTask | undefined };
  };
  /** Begins the next run of a chain, in the transaction that ends the one before. */
  ContinueWorkflow: {
    command: {
      readonly namespaceId: string;
      readonly namespace: string;
      readonly started: StartedAttributes;
      readonly requestId: string;
      /** The request that started the chain. */
      readonly chainRequestId: string;
      /** A reset of the run before that is asked for again is known to this one too. */
      readonly resets: ResetRecords;
      readonly links?: readonly Link[] | undefined;
    };
    reply: object;
  };
  SignalWorkflow: {
    command: SignalInput & {
      /** From SignalWithStart: ends a start delay or a cron wait. */
      readonly endsBackoff: boolean;
      readonly source?: RequestingWorkflow | undefined;
    };
    reply: object;
  };
  RequestCancelWorkflow: {
    command: {
      readonly reason: string;
      readonly identity: string;
      readonly requestId: string;
      readonly firstExecutionRunId: string;
      readonly links?: readonly Link[] | undefined;
      readonly source?: RequestingWorkflow | undefined;
    };
    reply: object;
  };
  TerminateWorkflow: {
    command: {
      readonly reason: string;
      readonly details?: Payloads | undefined;
      readonly identity: string;
      readonly firstExecutionRunId: string;
      readonly links?: readonly Link[] | undefined;
      readonly source?: RequestingWorkflow | undefined;
    };
    reply: object;
  };
  /** The run goes, with its history; an open one is terminated first. */
  DeleteWorkflow: { command: object; reply: object };
  /** Another run has taken up the history of this one, or goes on instead of it: if it is still open, it ends. */
  LeaveToReset: {
    command: {
      readonly newRunId: string;
      readonly requestId: string;
      readonly reason: string;
      /** It is the history of this run that was taken up. */
      readonly isBase: boolean;
    };
    reply: object;
  };
  /** A start that met a running workflow and attaches itself to it. */
  AttachRequest: {
    command: {
      readonly requestId: string;
      readonly identity: string;
      readonly attachRequestId: boolean;
      readonly completionCallbacks: readonly Plain<temporal.api.common.v1.ICallback>[];
      readonly links: readonly Link[];
    };
    reply: object;
  };
  /** An update is to be told to the workflow, which accepts or rejects it. In memory only, until it is accepted. */
  AdmitUpdate: {
    command: { readonly request: UpdateRequest; readonly firstExecutionRunId: string };
    reply: UpdateProgress;
  };
  /** A worker takes the workflow task. */
  StartWorkflowTask: {
    command: {
      readonly scheduledEventId: number;
      readonly attempt: number;
      readonly stamp: number;
      readonly requestId: string;
      readonly identity: string;
      readonly polledQueue: string;
      readonly polledSticky: boolean;
      /** Of the worker; undefined when it has none. */
      readonly worker?: Version | undefined;
      /** Where a run that is not pinned would go; undefined when the queue knows no such version. */
      readonly target?: Version | undefined;
    };
    reply: StartedWorkflowTask;
  };
  /** A worker advances the workflow: its commands in order, on one draft. */
  CompleteWorkflowTask: {
    command: { readonly held: HeldWorkflowTask; readonly request: CompletedRequest };
    reply: {
      /** With returnNewWorkflowTask. */
      readonly newTask: StartedWorkflowTask | undefined;
      readonly eagerActivities: readonly StartedActivityTask[];
      /** The task was for updates that were all rejected and is forgotten: the worker goes back to this event; else 0. */
      readonly resetHistoryEventId: number;
    };
  };
  FailWorkflowTask: {
    command: { readonly held: HeldWorkflowTask; readonly request: FailedRequest };
    reply: object;
  };
  ResetSticky: { command: object; reply: object };
  /** A worker takes an activity attempt. */
  StartActivityTask: {
    command: {
      readonly scheduledEventId: number;
      readonly attempt: number;
      readonly stamp: number;
      readonly requestId: string;
      readonly identity: string;
      /** The version of the worker, if the workflow tasks of the run would go to that one now. */
      readonly movesTo?: Version | undefined;
    };
    reply: StartedActivityTask;
  };
  CompleteActivity: {
    command: { readonly held: HeldActivity; readonly result?: Payloads | undefined; readonly identity: string };
    reply: object;
  };
  FailActivity: {
    command: {
      readonly held: HeldActivity;
      readonly failure?: Failure | undefined;
      readonly lastHeartbeatDetails?: Payloads | undefined;
      readonly identity: string;
    };
    reply: { readonly failures: readonly Failure[] };
  };
  CancelActivity: {
    command: { readonly held: HeldActivity; readonly details?: Payloads | undefined; readonly identity: string };
    reply: object;
  };
  HeartbeatActivity: {
    command: { readonly held: HeldActivity; readonly details?: Payloads | undefined; readonly identity: string };
    reply: { readonly cancelRequested: boolean; readonly activityPaused: boolean; readonly activityReset: boolean };
  };
  /** No attempt begins and no timeout counts until the activity is let go; a worker that is at it is told. */
  PauseActivity: {
    command: {
      readonly target: ActivityTarget;
      readonly identity: string;
      readonly reason: string;
      readonly requestId: string;
    };
    reply: object;
  };
  /** Paused activities go on: what waited goes to a worker at once. */
  UnpauseActivity: {
    command: {
      readonly target: ActivityTarget;
      readonly resetAttempts: boolean;
      readonly resetHeartbeat: boolean;
      /** The next attempt begins at a random moment up to then. */
      readonly jitterMs: number;
    };
    reply: object;
  };
  /** Activities begin anew with their first attempt. */
  ResetActivity: {
    command: {
      readonly target: ActivityTarget;
      readonly resetHeartbeat: boolean;
      readonly keepPaused: boolean;
      readonly restoreOriginalOptions: boolean;
      readonly jitterMs: number;
    };
    reply: object;
  };
  UpdateActivityOptions: {
    command: {
      readonly target: ActivityTarget;
      readonly options: ActivityOptions | undefined;
      /** Paths of the options to be changed; undefined when none were given. */
      readonly paths: readonly string[] | undefined;
      readonly restoreOriginal: boolean;
    };
    reply: { readonly options: ActivityOptions | undefined };
  };
  /** No worker is asked until the run is let go. */
  PauseWorkflow: {
    command: { readonly identity: string; readonly reason: string; readonly requestId: string };
    reply: object;
  };
  UnpauseWorkflow: {
    command: { readonly identity: string; readonly reason: string; readonly requestId: string };
    reply: object;
  };
  UpdateWorkflowOptions: {
    command: {
      readonly options: WorkflowOptions;
      readonly paths: readonly string[];
      readonly identity: string;
    };
    reply: { readonly options: WorkflowOptions };
  };
  /** A child hears that its parent has recorded its start. */
  ScheduleFirstWorkflowTask: { command: object; reply: object };
  /** A child was started. */
  RecordChildStarted: {
    command: {
      readonly initiatedEventId: number;
      readonly runId: string;
      /** As the initiated event has it. */
      readonly header: Header | undefined;
    };
    reply: object;
  };
  RecordStartChildFailed: {
    command: {
      readonly initiatedEventId: number;
      /** temporal.api.enums.v1.StartChildWorkflowExecutionFailedCause */
      readonly cause: number;
      /** As the initiated event has it. */
      readonly control: string | undefined;
    };
    reply: object;
  };
  /** A child has ended for good. */
  RecordChildClosed: {
    command: {
      readonly initiatedEventId: number;
      /** Its last run. */
      readonly child: { readonly workflowId: string; readonly runId: string };
      readonly firstRunId: string;
      readonly closeEvent: HistoryEvent;
      /** As the initiated event has it; needed when the start is not recorded yet. */
      readonly header: Header | undefined;
    };
    reply: object;
  };
  /** What has become of a signal or a cancel request to another workflow. */
  RecordExternalResult: {
    command: {
      readonly kind: 'cancel' | 'signal';
      readonly initiatedEventId: number;
      /** Why it was not taken; undefined when it was. */
      readonly failedCause: number | undefined;
      /** As the initiated event has it. */
      readonly control: string | undefined;
    };
    reply: object;
  };
  /** Work for another workflow is done that no event tells of. */
  RecordTaskDone: {
    command:
      | { readonly type: 'ConfirmChild' | 'AskChild' | 'ApplyClosePolicy'; readonly initiatedEventId: number }
      | { readonly type: 'ReportToParent' };
    reply: object;
  };
  /** Time has passed: everything that is due happens. */
  WakeUp: { command: object; reply: object };
}

export type CommandName = keyof CommandTable;
export type CommandOf<N extends CommandName> = CommandTable[N]['command'];
export type ReplyOf<N extends CommandName> = CommandTable[N]['reply'];

/** What a handler decided; events, tasks and changes are in the draft. */
export type Verdict<Reply> =
  | {
      readonly kind: 'accepted';
      readonly reply: Reply;
      /** What is written instead of the draft the handler was given: a fresh one over the same state. */
      readonly draft?: Draft;
      /** Something else is written than what was asked: once that is durable, the caller is told this. */
      readonly refusal?: Refusal | undefined;
    }
  /** Nothing to write: the request was met before, or asks for what is so already. */
  | { readonly kind: 'noop'; readonly reply: Reply }
  /** Only what is in memory changes: nothing is written. */
  | { readonly kind: 'inMemory'; readonly reply: Reply }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      /** What changes all the same, in memory only. */
      readonly draft?: Draft;
    }
  /** The decision depends on event 1: ask again with `environment.startedEvent`. */
  | { readonly kind: 'needsStartedEvent' };

export const accepted = <Reply>(reply: Reply): Verdict<Reply> => ({ kind: 'accepted', reply });
export const inMemory = <Reply>(reply: Reply): Verdict<Reply> => ({ kind: 'inMemory', reply });
export const noop = <Reply>(reply: Reply): Verdict<Reply> => ({ kind: 'noop', reply });
export type Refused = Extract<Verdict<never>, { readonly kind: 'refused' }>;
export const refused = (refusal: Refusal): Refused => ({ kind: 'refused', refusal });
