import type { PollTimeSkippingResponse } from '@duramesh/contracts';
import { fastForwardProgress, type FastForwardProgress, fromTimestamp } from '@duramesh/engine';
import { RunState } from '@duramesh/proto';
import type { Woken } from '../read/change-notifier.ts';
import type { RunRef } from '../shard/owner.ts';
import type { CachedRun } from '../shard/run-cache.ts';
import { type Handler, type HandlerParts, refOf } from './handler.ts';

/** temporal.api.enums.v1.FastForwardPollingResult */
const RESULTS = { pending: 1, completed: 2, failed: 3 } as const;

/** How a fast forward stands once it has come to something, or when the wait is over. @see spec-history 9.4 */
export const pollTimeSkipping: Handler<'pollTimeSkipping'> = (parts) => async (call, context) => {
  const { notifier, deps } = parts;
  const { fastForwardId = '', workflowExecution } = call.request ?? {};
  let ref = refOf(call, workflowExecution);
  const untilMs = deps.clock.now() + call.waitMs;
  let targetMs = call.targetMs;
  const look = async (): Promise<{ readonly run: CachedRun; readonly progress: FastForwardProgress }> => {
    const { run, progress } = await lookAt(parts, ref, fastForwardId);
    ref = { ...ref, runId: run.key.runId };
    const nowMs = fromTimestamp(progress.info?.targetTime);
    const isAnother = progress.kind === 'pending' && targetMs > 0 && nowMs !== targetMs;
    targetMs ||= nowMs;
    if (!isAnother) return { run, progress };
    return { run, progress: { kind: 'failed', info: progress.info, reason: 'the fast-forward was reset' } };
  };
  let { run, progress } = await look();
  let woken: Woken = call.waitMs > 0 ? 'changed' : 'over';
  while (woken === 'changed' && progress.kind === 'pending') {
    const listening = notifier.listen(run, { waitMs: untilMs - deps.clock.now(), signal: context.signal });
    try {
      // Between the last look and the first moment of listening something may have happened.
      ({ run, progress } = await look());
      if (progress.kind !== 'pending') break;
      woken = await listening.done;
    } finally {
      listening.stop();
    }
    ({ run, progress } = await look());
  }
  return answer(progress);
};

/** The run, or the one of its chain that has taken the fast forward over. */
async function lookAt(
  { owner }: HandlerParts,
  ref: RunRef,
  fastForwardId: string,
): Promise<{ readonly run: CachedRun; readonly progress: FastForwardProgress }> {
  for (let at = ref; ;) {
    const run = await owner.read(at);
    const { info } = run.state;
    const isFollowed = info.newExecutionRunId !== '';
    const progress = fastForwardProgress(info, { fastForwardId, isFollowed });
    const goesOn = isFollowed && info.state === RunState.RUN_STATE_COMPLETED;
    if (progress.kind !== 'pending' || !goesOn) return { run, progress };
    at = { ...at, runId: info.newExecutionRunId };
  }
}

const answer = (progress: FastForwardProgress): PollTimeSkippingResponse => ({
  fastForwardPollingResult: RESULTS[progress.kind],
  fastForwardInfo: progress.info,
  failedReason: progress.kind === 'failed' ? progress.reason : '',
});
