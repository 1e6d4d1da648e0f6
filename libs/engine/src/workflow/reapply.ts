import type { ChildInfo } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import type { Draft } from './draft.ts';
import { type Attributes, attributesOf, EVENT_TYPES, type EventName, eventName, type HistoryEvent } from './events.ts';
import type { UpdateRequest } from './updates.ts';

/** temporal.api.enums.v1.UpdateAdmittedEventOrigin */
const ORIGIN_REAPPLY = 1;
/** temporal.api.enums.v1.ResetReapplyExcludeType */
const EXCLUDE = { signal: 1, update: 2, nexus: 3, cancelRequest: 4 } as const;

/** Which events are meant. */
export interface Reapplied {
  /** Kinds that are left out. @see temporal.api.enums.v1.ResetReapplyExcludeType */
  readonly excluded: ReadonlySet<number>;
  /** Of the base itself, not of a run that it continued as. */
  readonly isOfBase: boolean;
}

/** How an event that came after the point of a reset comes again in the run that was made of it. */
interface Reapplication<N extends EventName> {
  /** Given with this kind it is left out. */
  readonly exclude?: number;
  /** It is about what the base has begun: in a run that the base continued as it is about something else. */
  readonly ofBaseOnly?: boolean;
  readonly apply: (draft: Draft, attributes: Attributes<N>, event: HistoryEvent) => void;
}

type Table = { readonly [N in EventName]?: Reapplication<N> };

/** What does not stand here happened to the run that was left, and to that one only. @see spec-history 8.1 */
const table: Table = {
  WorkflowExecutionSignaled: {
    exclude: EXCLUDE.signal,
    apply(draft, attributes, { links }) {
      // A signal that was repeated over the runs of a chain is one signal.
      const known = draft.requestIds.get(attributes.requestId ?? '');
      if (known?.eventType === EVENT_TYPES.WorkflowExecutionSignaled) return;
      draft.buffer('WorkflowExecutionSignaled', attributes, { links });
    },
  },
  WorkflowExecutionOptionsUpdated: {
    apply(draft, attributes, { links }) {
      if (draft.requestIds.has(attributes.attachedRequestId ?? '')) return;
      draft.buffer('WorkflowExecutionOptionsUpdated', attributes, { links, workerMayIgnore: true });
    },
  },
  WorkflowExecutionUpdateAdmitted: {
    exclude: EXCLUDE.update,
    apply: (draft, { request }) => admitAgain(draft, request),
  },
  WorkflowExecutionUpdateAccepted: {
    exclude: EXCLUDE.update,
    apply: (draft, { acceptedRequest }) => admitAgain(draft, acceptedRequest),
  },
  StartChildWorkflowExecutionFailed: ofChild((draft, attributes) =>
    draft.buffer('StartChildWorkflowExecutionFailed', attributes),
  ),
  ChildWorkflowExecutionStarted: ofChild((draft, attributes, { runId }) => {
    if (runId === '') draft.buffer('ChildWorkflowExecutionStarted', attributes);
  }),
  ChildWorkflowExecutionCompleted: ofChild((draft, attributes, { startedEventId }) =>
    draft.buffer('ChildWorkflowExecutionCompleted', { ...attributes, startedEventId }),
  ),
  ChildWorkflowExecutionFailed: ofChild((draft, attributes, { startedEventId }) =>
    draft.buffer('ChildWorkflowExecutionFailed', { ...attributes, startedEventId }),
  ),
  ChildWorkflowExecutionCanceled: ofChild((draft, attributes, { startedEventId }) =>
    draft.buffer('ChildWorkflowExecutionCanceled', { ...attributes, startedEventId }),
  ),
  ChildWorkflowExecutionTimedOut: ofChild((draft, attributes, { startedEventId }) =>
    draft.buffer('ChildWorkflowExecutionTimedOut', { ...attributes, startedEventId }),
  ),
  ChildWorkflowExecutionTerminated: ofChild((draft, attributes, { startedEventId }) =>
    draft.buffer('ChildWorkflowExecutionTerminated', { ...attributes, startedEventId }),
  ),
};

/** The worker finds the update in its history, and accepts or rejects it as if it were new. */
function admitAgain(draft: Draft, request: UpdateRequest | undefined): void {
  // Without a request another event has told of it.
  if (!request || draft.updates.has(request.meta?.updateId ?? '')) return;
  draft.buffer('WorkflowExecutionUpdateAdmitted', { request, origin: ORIGIN_REAPPLY });
}

/** Comes again if the child was initiated before the point; its started event may have another id here. */
function ofChild<A extends { readonly initiatedEventId?: number | undefined }>(
  tell: (draft: Draft, attributes: A, child: ChildInfo) => void,
): { readonly ofBaseOnly: true; readonly apply: (draft: Draft, attributes: A) => void } {
  return {
    ofBaseOnly: true,
    apply(draft, attributes) {
      const child = draft.children.get(attributes.initiatedEventId ?? 0);
      if (child) tell(draft, attributes, child);
    },
  };
}

function reapplicationOf({ eventType }: HistoryEvent): Reapplication<EventName> | undefined {
  const name = eventName(eventType);
  return name && (table[name] as Reapplication<EventName> | undefined);
}

/** Whether the event may come again. Who leaves out every kind there is wants nothing at all. */
export function isReapplied(event: HistoryEvent, { excluded, isOfBase }: Reapplied): boolean {
  const reapplication = reapplicationOf(event);
  if (reapplication?.ofBaseOnly && !isOfBase) return false;
  if (!reapplication || Object.values(EXCLUDE).every((kind) => excluded.has(kind))) return false;
  return reapplication.exclude === undefined || !excluded.has(reapplication.exclude);
}

/** Lets the event come again, if the run as it is has a place for it. */
export function reapply(draft: Draft, event: HistoryEvent): void {
  const name = must(eventName(event.eventType), 'what comes again is an event that is known');
  reapplicationOf(event)?.apply(draft, attributesOf(name, event), event);
}
