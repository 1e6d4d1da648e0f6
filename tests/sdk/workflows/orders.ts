import { condition, defineSignal, proxyActivities, setHandler, sleep } from '@temporalio/workflow';
import type { Activities } from '../activities.ts';

export const go = defineSignal('go');

const { effect } = proxyActivities<Activities>({
  startToCloseTimeout: '2s',
  retry: { initialInterval: '100ms', maximumInterval: '1s' },
});

/** One effect, then it waits for the test, then another. */
export async function twoStepsWithPause(key: string): Promise<readonly string[]> {
  let gone = false;
  setHandler(go, () => void (gone = true));
  await effect(`${key}/1`);
  await condition(() => gone);
  await effect(`${key}/2`);
  return [`${key}/1`, `${key}/2`];
}

/** Steps one after another with timers between: something of everything is in flight whenever the world breaks. */
export async function order(key: string, steps: number): Promise<readonly string[]> {
  const done: string[] = [];
  for (let step = 1; step <= steps; step++) {
    await effect(`${key}/${step}`);
    done.push(`${key}/${step}`);
    await sleep(50);
  }
  return done;
}

/** The shortest workflow that touches the world. */
export async function oneEffect(key: string): Promise<string> {
  await effect(key);
  return key;
}

export async function slowSteps(key: string): Promise<string> {
  // Another attempt would come too late: whatever a stopping worker drops is seen.
  const { slowStep } = proxyActivities<Activities>({ startToCloseTimeout: '60s' });
  await slowStep(`${key}/1`);
  await slowStep(`${key}/2`);
  return 'two steps';
}
