import { CallbackInfo, type Plain, RunState, type temporal } from '@duramesh/proto';
import type { Draft } from './draft.ts';
import { fromTimestamp, type HistoryEvent, toTimestamp } from './events.ts';
import { type Refusal, refusal } from './refusal.ts';
import type { ExecutionState } from './state.ts';

type Callback = Plain<temporal.api.common.v1.ICallback>;
type Described = Plain<temporal.api.workflow.v1.ICallbackInfo>;

/** temporal.api.enums.v1.CallbackState */
const STATES = { standby: 1, scheduled: 2 } as const;

/** An event brings callbacks with it. None is ever taken away. */
export function registerCallbacks(draft: Draft, callbacks: readonly Callback[] | undefined, event: HistoryEvent): void {
  if (!callbacks) return;
  const registeredMs = fromTimestamp(event.eventTime);
  for (const callback of callbacks) draft.callbacks.set(draft.callbacks.size, { callback, registeredMs });
}

/** Why so many more cannot be attached; undefined when they can. @see spec-matching 10.6 */
export function callbacksRefusal({ callbacks, environment }: Draft, more: number): Refusal | undefined {
  const { callbacks: limit } = environment.limits;
  if (more === 0 || callbacks.size + more <= limit) return undefined;
  return refusal(
    'FailedPrecondition',
    `cannot attach more than ${limit} callbacks to a workflow (${callbacks.size} callbacks already attached)`,
  );
}

/** As the next run of a chain is given them: they are called when the chain has ended. */
export function callbacksOf(callbacks: { values(): Iterable<CallbackInfo> }): readonly Callback[] | undefined {
  const all = [...callbacks.values()].flatMap(({ callback }) => (callback ? [callback] : []));
  return all.length > 0 ? all : undefined;
}

export const callbackSizeBytes = (callback: CallbackInfo): number => CallbackInfo.encode(callback).length;

/**
 * As DescribeWorkflowExecution shows them. They are due once the run has ended for good: a run that another one goes on
 * for keeps them standing by.
 */
export function describeCallbacks({ info, callbacks }: ExecutionState): readonly Described[] {
  const isFollowed = info.newExecutionRunId !== '' || (info.endedByReset && info.resetRunId !== '');
  const isDue = info.state === RunState.RUN_STATE_COMPLETED && !isFollowed;
  const state = isDue ? STATES.scheduled : STATES.standby;
  return [...callbacks.values()].flatMap(({ callback, registeredMs }) =>
    callback?.nexus
      ? [{ callback, trigger: { workflowClosed: {} }, registrationTime: toTimestamp(registeredMs), state }]
      : [],
  );
}
