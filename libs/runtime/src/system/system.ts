import { randomFillSync, randomUUID } from 'node:crypto';
import type { Clock, ScheduleOptions, Timer } from '../clock.ts';
import type { Ids, Random } from '../random.ts';

/** setTimeout holds 31 bits of milliseconds; longer waits are cut and wake early, which every caller must allow for. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Node keeps a list for each length of timeout, for as long as it is long: lengths are told in so many significant bits. */
const LENGTH_BITS = 10;

/** The next length that is told apart: at most a thousandth longer. */
function timeoutMs(delayMs: number): number {
  const length = Math.min(Math.max(Math.ceil(delayMs), 0), MAX_TIMEOUT_MS);
  const unit = 2 ** Math.max(0, 32 - Math.clz32(length) - LENGTH_BITS);
  return Math.min(Math.ceil(length / unit) * unit, MAX_TIMEOUT_MS);
}

function schedule(delayMs: number, run: () => void, options?: ScheduleOptions): Timer {
  const handle = setTimeout(run, timeoutMs(delayMs));
  if (options?.keepsAlive !== true) handle.unref();
  return { cancel: () => clearTimeout(handle) };
}

function sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    const timer = schedule(durationMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule,
  defer: (run) => void setImmediate(run),
  sleep,
};

const pool = new Uint32Array(1024);
let unused = 0;

/** Cryptographic chance, drawn in blocks because single draws cost a system call. */
export const systemRandom: Random = {
  next() {
    if (unused === 0) {
      randomFillSync(pool);
      unused = pool.length;
    }
    unused -= 1;
    return (pool[unused] ?? 0) / 4294967296;
  },
};

export const systemIds: Ids = { uuid: () => randomUUID() };
