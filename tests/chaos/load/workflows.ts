import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from './activities.ts';

/** What a register tells of itself. */
export interface Shown {
  readonly runId: string;
  readonly log: readonly string[];
  readonly cancelled: boolean;
}

export const append = defineSignal<[value: string]>('append');
export const update = defineUpdate<Shown, [value: string]>('update');
export const updateWithActivity = defineUpdate<Shown, [value: string]>('update-with-activity');
export const finish = defineUpdate<Shown>('finish');
export const show = defineQuery<Shown>('show');

const { effect } = proxyActivities<Activities>({
  startToCloseTimeout: '5 seconds',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '1 second' },
});

/**
 * A log to which clients append, until one of them finishes it. Each operation takes effect at one moment, so that clients can
 * hold its answers against an object that does one thing after the other.
 */
export async function register(): Promise<Shown> {
  const log: string[] = [];
  let cancelled = false;
  let finished = false;
  const shown = (): Shown => ({ runId: workflowInfo().runId, log: [...log], cancelled });
  const appended = (value: string): Shown => {
    if (finished) throw ApplicationFailure.nonRetryable('the register is finished');
    log.push(value);
    return shown();
  };
  setHandler(append, (value) => void log.push(value));
  setHandler(update, appended);
  setHandler(updateWithActivity, async (value) => {
    await CancellationScope.nonCancellable(() => effect(value));
    return appended(value);
  });
  setHandler(finish, () => {
    if (finished) throw ApplicationFailure.nonRetryable('the register is finished already');
    finished = true;
    return shown();
  });
  setHandler(show, shown);
  CancellationScope.current().cancelRequested.catch(() => (cancelled = true));
  await CancellationScope.nonCancellable(() => condition(() => finished));
  return shown();
}
