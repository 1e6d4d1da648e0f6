const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** Timers of the clock let a process end: whoever waits for one keeps it alive as long as `run` takes. */
export async function staying<T>(run: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, LONGEST_TIMEOUT_MS);
  try {
    return await run();
  } finally {
    clearInterval(timer);
  }
}
