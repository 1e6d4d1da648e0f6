/** What clients do to workflows. */
export const kinds = [
  'start',
  'signal',
  'signal-with-start',
  'update',
  'update-with-activity',
  'finish',
  'query',
  'cancel',
  'terminate',
  'describe',
  'result',
  'list',
] as const;
export type Kind = (typeof kinds)[number];

/** `maybe`: there is a definite answer, but it may speak of an earlier attempt of the same operation. */
export type Outcome = 'ok' | 'fail' | 'maybe' | 'unknown';

/** Why the server said no. */
export type Refusal = 'not found' | 'already started' | 'refused';

export interface ShownRun {
  readonly runId: string;
  readonly status: string;
}

/** What an operation that went well has told; only what its kind tells is there. */
export interface Answer {
  readonly runId?: string;
  /** Of the run, in the order of its values. */
  readonly log?: readonly string[];
  readonly cancelled?: boolean;
  /** Of the run, e.g. `RUNNING`. */
  readonly status?: string;
  readonly runs?: readonly ShownRun[];
}

/** One operation as its client has seen it. Times are milliseconds since the record began. */
export interface Operation {
  readonly id: number;
  readonly kind: Kind;
  readonly workflowId: string;
  /** Unique: what is appended, and the id of an update. */
  readonly value: string;
  /** Of the run that is asked for; the current one when left out. */
  readonly runId?: string;
  readonly invokedMs: number;
  /** Left out where nothing came back before the record ended. */
  readonly returnedMs?: number;
  readonly outcome: Outcome;
  readonly refusal?: Refusal;
  readonly answer?: Answer;
  /** How often the SDK asked again by itself. */
  readonly retries: number;
  readonly error?: string;
  /** The error is none that an interruption may cause. */
  readonly isUnexpected?: true;
}

/** An activity as its worker has seen it. */
export interface Effect {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
  readonly attempt: number;
  readonly value: string;
  readonly begunMs: number;
}

/** Everything clients and workers have seen. */
export interface Seen {
  readonly operations: readonly Operation[];
  readonly effects: readonly Effect[];
}

/** A run as its history tells it when all is over. */
export interface FinalRun {
  readonly runId: string;
  /** `RUNNING`, or how it ended. */
  readonly status: string;
  /** What was appended to it, in the order of its history. */
  readonly log: readonly string[];
  readonly cancelled: boolean;
  /** How far its updates had got, by update id, which is the appended value: the length of the log they answered. */
  readonly updates: Readonly<Record<string, number>>;
  /** Ids of activities by how often they completed. */
  readonly completed: Readonly<Record<string, number>>;
  /** Tasks that were handed to a worker, or were to be, and came to nothing but their timeout: somebody waited for that. */
  readonly timedOut: readonly string[];
  /** What is wrong with the history by itself. */
  readonly broken: readonly string[];
}

/** What is there at the end, by workflow id. */
export type Final = ReadonlyMap<string, readonly FinalRun[]>;

/** Something that must not be. */
export interface Finding {
  readonly workflowId: string;
  readonly what:
    | 'lost'
    | 'doubled'
    | 'from nowhere'
    | 'update result lost'
    | 'stale read'
    | 'two runs open'
    | 'start accepted twice'
    | 'effect doubled'
    | 'effect from nowhere'
    | 'history broken'
    | 'stored wrongly'
    | 'no order'
    | 'unexpected error'
    | 'undecided';
  readonly text: string;
}
