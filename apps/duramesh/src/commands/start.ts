import os from 'node:os';
import { type Config, resolveConfig } from '@duramesh/config';
import type { Logger } from '@duramesh/runtime';
import { createLogger } from '@duramesh/telemetry';
import type { OpenTelemetry } from '@duramesh/telemetry/opentelemetry';
import { banner, bannerFields } from '../banner.ts';
import { fail } from '../fail.ts';
import { type RunningServer, runServer } from '../run-server.ts';
import { explainStartFailure } from '../start-failure.ts';
import { startTelemetry } from '../start-telemetry.ts';
import { surroundings } from '../surroundings.ts';

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** `duramesh start`: runs until a signal, then stops in order. Exit codes: 0 stopped, 1 could not start, 2 bad settings. */
export async function start(args: readonly string[]): Promise<void> {
  const settings = resolveConfig(surroundings(args));
  if (!settings.ok) return fail(settings.message, 2);
  const { config } = settings;
  // Whoever read our output may go; that is no reason to stop serving.
  process.stdout.on('error', () => {});
  let telemetry: OpenTelemetry | undefined;
  const logger = createLogger({
    level: config.logLevel,
    format: config.logFormat,
    sink: process.stdout,
    color: process.stdout.isTTY,
    traceparent: () => telemetry?.current() ?? '',
  });
  try {
    telemetry = await startTelemetry(config, logger);
  } catch (error) {
    if (error instanceof RangeError) return fail(error.message, 2);
    throw error;
  }
  const stopping = new StopSignals(logger);
  process.on('uncaughtException', (error) => {
    logger.error({ error }, 'A fault that nobody handled: the process ends.');
    process.exit(1);
  });
  // Timers of the clock let a process end; this one ends when it is told to.
  const staying = setInterval(() => {}, LONGEST_TIMEOUT_MS);
  let server: RunningServer;
  try {
    server = await runServer(config, logger, { signal: stopping.signal, telemetry });
  } catch (error) {
    clearInterval(staying);
    if (stopping.signal.aborted) return;
    const explained = explainStartFailure(error, config);
    if (explained === undefined) throw error;
    return fail(explained, 1);
  }
  announce(server, config, logger);
  await stopping.first;
  await server.stop();
  await telemetry?.stop();
  logger.info({}, 'Stopped.');
  // What still keeps the event loop alive by now is of no use to anybody.
  process.stdout.write('', () => process.exit(0));
}

function announce(server: RunningServer, config: Config, logger: Logger): void {
  const readyMs = Math.round(performance.now());
  if (config.logFormat === 'text') process.stdout.write(banner(server, config, readyMs));
  else logger.info(bannerFields(server, config, readyMs), 'Duramesh is ready.');
}

/** npm passes on a Ctrl-C that the terminal has already sent to everybody: such an echo is no second wish. */
const ECHO_MS = 500;

/** The first SIGINT or SIGTERM asks, the second one forces. */
class StopSignals {
  readonly first: Promise<void>;
  /** The same, for what can be given up in the middle. */
  readonly signal: AbortSignal;
  #firstAtMs: number | undefined;

  constructor(logger: Logger) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.first = promise;
    const stop = new AbortController();
    this.signal = stop.signal;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (this.#firstAtMs === undefined) {
        this.#firstAtMs = performance.now();
        logger.info({ signal }, 'Stopping; once more to force it.');
        resolve();
        stop.abort();
      } else if (performance.now() - this.#firstAtMs > ECHO_MS) {
        logger.warn({ signal }, 'Forced to stop at once. What was acknowledged is stored.');
        process.exit(128 + (os.constants.signals[signal] ?? 0));
      }
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  }
}
