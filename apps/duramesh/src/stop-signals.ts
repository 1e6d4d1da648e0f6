import os from 'node:os';
import type { Logger } from '@duramesh/runtime';

/** npm passes on a Ctrl-C that the terminal has already sent to everybody: such an echo is no second wish. */
const ECHO_MS = 500;

/** The first SIGINT or SIGTERM asks, the second one forces. */
export class StopSignals {
  /** Aborts with the first. */
  readonly signal: AbortSignal;
  #firstAtMs: number | undefined;

  /** `force` ends at once what would outlive this process. */
  constructor(logger: Logger, force: () => void = () => {}) {
    const stop = new AbortController();
    this.signal = stop.signal;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (this.#firstAtMs === undefined) {
        this.#firstAtMs = performance.now();
        logger.info({ signal }, 'Stopping; once more to force it.');
        stop.abort();
      } else if (performance.now() - this.#firstAtMs > ECHO_MS) {
        logger.warn({ signal }, 'Forced to stop at once. What was acknowledged is stored.');
        force();
        process.exit(128 + (os.constants.signals[signal] ?? 0));
      }
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  }
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
