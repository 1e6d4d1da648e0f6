import { EVENT_TYPES, type HistoryEvent } from '@duramesh/engine';
import { isInvalid, isNotFound, NAMESPACE } from '../caller.ts';
import type { Act } from './act.ts';
import { signal } from './signal.ts';

const TASK_ENDS: ReadonlySet<number> = new Set([
  EVENT_TYPES.WorkflowTaskCompleted,
  EVENT_TYPES.WorkflowTaskFailed,
  EVENT_TYPES.WorkflowTaskTimedOut,
]);
/** One that no worker took may have been told of as a whole, in one batch: nobody can go back between its events. */
const endsTask = ({ eventType = 0, workflowTaskTimedOutEventAttributes: timedOut }: HistoryEvent): boolean =>
  TASK_ENDS.has(eventType) && timedOut?.startedEventId !== 0;

/** Resets the current run, by its id or without, to one of its workflow tasks. */
export const reset: Act = async (caller, target) => {
  const { clock, dice, ids, ledger } = caller.world;
  const execution = await caller.currentRun(target.workflowId);
  if (!execution) return;
  const read = { namespace: NAMESPACE, execution };
  const { history } = await caller.insist('GetWorkflowExecutionHistory', read, isNotFound);
  const ends = (history?.events ?? []).filter(endsTask);
  if (ends.length === 0) return;
  const requestId = ids.uuid();
  const isNamed = dice.happens(0.7);
  const request = {
    namespace: NAMESPACE,
    workflowExecution: isNamed ? execution : { workflowId: target.workflowId },
    workflowTaskFinishEventId: dice.pick(ends).eventId,
    requestId,
    reason: 'again',
  };
  // Without its id another run may be current by now, with another history.
  const answer = await caller.ask('ResetWorkflowExecution', request, (error) => !isNamed && isInvalid(error));
  if (answer) ledger.resets.set(requestId, answer.runId ?? '');
  // Those it waits for may have found the base closed.
  const signalLater = async (): Promise<void> => {
    await clock.sleep(dice.below(20_000));
    await signal(caller, target);
  };
  await Promise.all(Array.from({ length: target.plan.signals }, signalLater));
};
