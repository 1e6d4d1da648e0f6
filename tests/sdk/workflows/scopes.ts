import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return 'cancelled';
  }
}

/** What became of a scope whose time is over, one that is cancelled, one inside it that is shielded, and one left alone. */
export async function scopes(): Promise<readonly string[]> {
  const outer = new CancellationScope();
  const shielded = outer.run(() => CancellationScope.nonCancellable(() => outcome(sleep(50))));
  const cancelled = outcome(outer.run(() => sleep('1 hour')));
  const late = outcome(CancellationScope.withTimeout(50, () => sleep('1 hour')));
  const alone = outcome(CancellationScope.cancellable(() => sleep(20)));
  outer.cancel();
  return Promise.all([late, cancelled, shielded, alone]);
}

/** In which order timers of these lengths fire. */
export async function timersInOrder(durationsMs: readonly number[]): Promise<readonly number[]> {
  const fired: number[] = [];
  await Promise.all(durationsMs.map((ms) => sleep(ms).then(() => fired.push(ms))));
  return fired;
}
