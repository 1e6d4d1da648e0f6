import { type ChildInfo, type Reason, UpdateStage } from '@duramesh/proto';
import type { ExecutionState } from '../state.ts';
import { skippedMs } from '../time-skipping.ts';
import { because, inWords } from './reason.ts';

function waitForChild({ workflowId, workflowType, runId }: ChildInfo): Reason {
  const child = `child ${workflowType} (${workflowId})`;
  const subject = workflowId;
  if (runId !== '') {
    const advice = `Ask the same of the child: duramesh cluster explain ${workflowId}`;
    return because('CHILD_RUNNING', `The ${child} has not ended.`, { subject, advice });
  }
  const advice = 'If this lasts, ask for the owner of its shard: duramesh cluster shards';
  return because('CHILD_STARTING', `The ${child} is being started.`, { subject, advice });
}

/** What other workflows have to do. */
export function waitForOthers({ children, externalSignals, externalCancels }: ExecutionState): readonly Reason[] {
  const reasons = Array.from(children.values(), waitForChild);
  for (const { workflowId: subject } of externalSignals.values()) {
    reasons.push(because('EXTERNAL_SIGNAL', `A signal is on its way to workflow ${subject}.`, { subject }));
  }
  for (const { workflowId: subject } of externalCancels.values()) {
    reasons.push(because('EXTERNAL_CANCEL', `A cancel request is on its way to workflow ${subject}.`, { subject }));
  }
  return reasons;
}

/** Updates whose callers wait. */
export function waitForUpdates({ waitingUpdates, updates }: ExecutionState): readonly Reason[] {
  const reasons: Reason[] = [];
  for (const { updateId: subject, sentWith } of waitingUpdates.values()) {
    const how = sentWith > 0 ? 'is with a worker, which has not accepted it' : 'waits for a worker to accept it';
    reasons.push(because('UPDATE_NOT_ACCEPTED', `Update ${subject} ${how}.`, { subject }));
  }
  for (const { updateId: subject, stage } of updates.values()) {
    if (stage === UpdateStage.UPDATE_STAGE_COMPLETED) continue;
    const text = `Update ${subject} was accepted, and its handler has not ended.`;
    reasons.push(because('UPDATE_NOT_COMPLETED', text, { subject }));
  }
  return reasons;
}

/** The one that fires first comes first. */
export function waitForTimers({ info, timers }: ExecutionState, now: number): readonly Reason[] {
  const skipped = skippedMs(info);
  const ordered = [...timers.values()].sort((a, b) => a.firesMs - b.firesMs);
  return ordered.map(({ timerId: subject, firesMs }) => {
    const untilMs = firesMs - skipped;
    return because('TIMER', `Timer ${subject} fires in ${inWords(untilMs - now)}.`, { untilMs, subject });
  });
}
