import { type Config, configOfProcess, resolveConfig } from '@duramesh/config';
import type { Logger } from '@duramesh/runtime';
import { createLogger } from '@duramesh/telemetry';
import type { OpenTelemetry } from '@duramesh/telemetry/opentelemetry';
import { banner, bannerFields } from '../banner.ts';
import { fail } from '../fail.ts';
import { type KeeperLink, keeperLink } from '../processes/keeper-link.ts';
import { type RunningServer, runServer } from '../run-server.ts';
import { explainStartFailure } from '../start-failure.ts';
import { startTelemetry } from '../start-telemetry.ts';
import { staying } from '../staying.ts';
import { aborted, StopSignals } from '../stop-signals.ts';
import { surroundings } from '../surroundings.ts';

/** `duramesh start`: runs until a signal, then stops in order. Exit codes: 0 stopped, 1 could not start, 2 bad settings. */
export async function start(args: readonly string[]): Promise<void> {
  const settings = resolveConfig(surroundings(args));
  if (!settings.ok) return fail(settings.message, 2);
  const { config } = settings;
  // Whoever read our output may go; that is no reason to stop serving.
  process.stdout.on('error', () => {});
  const link = keeperLink();
  if (link === undefined && config.processes > 1) {
    const { keep } = await import('../processes/keep.ts');
    return keep(config, args, loggerFor(config));
  }
  return link === undefined ? serve(config) : serveKept(configOfProcess(config, link.number), link);
}

interface LogContext {
  readonly traceparent?: () => string;
  readonly fields?: object;
}

function loggerFor(config: Config, context: LogContext = {}): Logger {
  const logger = createLogger({
    level: config.logLevel,
    format: config.logFormat,
    sink: process.stdout,
    color: process.stdout.isTTY,
    ...context,
  });
  process.on('uncaughtException', (error) => {
    logger.error({ error }, 'A fault that nobody handled: the process ends.');
    process.exit(1);
  });
  return logger;
}

interface Watching {
  readonly logger: Logger;
  readonly telemetry: OpenTelemetry | undefined;
}

/** A logger that names the trace, and where traces go. @throws RangeError when their settings make no sense */
async function watched(config: Config, fields: object): Promise<Watching> {
  const traces: { current: () => string } = { current: () => '' };
  const logger = loggerFor(config, { fields, traceparent: () => traces.current() });
  const telemetry = await startTelemetry(config, logger);
  if (telemetry !== undefined) traces.current = () => telemetry.current();
  return { logger, telemetry };
}

/** All of it in this process. */
async function serve(config: Config): Promise<void> {
  const watching = await watched(config, {}).catch(refusalOf);
  if (watching instanceof RangeError) return fail(watching.message, 2);
  const { logger, telemetry } = watching;
  const { signal } = new StopSignals(logger);
  return staying(async () => {
    let server: RunningServer;
    try {
      server = await runServer(config, logger, { signal, telemetry });
    } catch (error) {
      if (signal.aborted) return;
      const explained = explainStartFailure(error, config);
      if (explained === undefined) throw error;
      return fail(explained, 1);
    }
    announce(server, config, logger);
    await aborted(signal);
    await server.stop();
    await telemetry?.stop();
    logger.info({}, 'Stopped.');
    // What still keeps the event loop alive by now is of no use to anybody.
    process.stdout.write('', () => process.exit(0));
  });
}

/** One of several processes. */
async function serveKept(config: Config, link: KeeperLink): Promise<void> {
  const watching = await watched(config, { process: link.number }).catch(refusalOf);
  if (watching instanceof RangeError) return link.fail(watching.message);
  const { runKept } = await import('../processes/run-kept.ts');
  return runKept(config, link, watching);
}

function refusalOf(error: unknown): RangeError {
  if (error instanceof RangeError) return error;
  throw error;
}

function announce(server: RunningServer, config: Config, logger: Logger): void {
  const readyMs = Math.round(performance.now());
  if (config.logFormat === 'text') process.stdout.write(banner(server, config, readyMs));
  else logger.info(bannerFields(server, config, readyMs), 'Duramesh is ready.');
}
