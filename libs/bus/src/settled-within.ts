import type { Clock } from '@duramesh/runtime';

/** Waits for `work` to settle, however it does, but no longer than `limitMs`. */
export function settledWithin(work: Promise<unknown>, limitMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.schedule(limitMs, resolve);
    const onSettled = (): void => {
      timer.cancel();
      resolve();
    };
    work.then(onSettled, onSettled);
  });
}
