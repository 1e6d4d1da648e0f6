import { condition, defineSignal, proxyActivities, setHandler, sleep } from '@temporalio/workflow';
import type { Activities } from '../activities.ts';

export const approve = defineSignal('approve');

const { charge } = proxyActivities<Activities>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '50ms', maximumAttempts: 3 },
});

/** A timer, an activity that fails once, and a signal. */
export async function payment(amount: number): Promise<string> {
  let approved = false;
  setHandler(approve, () => void (approved = true));
  await sleep(50);
  await condition(() => approved);
  return charge(amount);
}
