import {
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  isCancellation,
  setHandler,
  sleep,
} from '@temporalio/workflow';

export const add = defineSignal<[amount: number]>('add');
export const finish = defineSignal('finish');
export const total = defineQuery<number, [times: number]>('total');

/** Adds up what the signals bring until one says that it is enough. */
export async function sum(): Promise<number> {
  let value = 0;
  let finished = false;
  setHandler(add, (amount) => void (value += amount));
  setHandler(finish, () => void (finished = true));
  setHandler(total, (times) => value * times);
  await condition(() => finished);
  return value;
}

/** A timer of an hour that a signal makes needless. */
export async function signalBeforeTimer(): Promise<string> {
  let finished = false;
  setHandler(finish, () => void (finished = true));
  return (await condition(() => finished, '1 hour')) ? 'signal' : 'timer';
}

export async function timer(durationMs: number): Promise<string> {
  await sleep(durationMs);
  return 'fired';
}

export async function sleepForever(): Promise<void> {
  await sleep('365 days');
}

/** Cleans up after its cancellation, in a scope that a cancellation does not reach. */
export async function cleanUpWhenCancelled(): Promise<string> {
  try {
    await sleep('365 days');
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(() => sleep(50));
    return 'cleaned up';
  }
  return 'never';
}
