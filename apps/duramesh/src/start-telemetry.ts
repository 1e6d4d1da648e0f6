import type { Config } from '@duramesh/config';
import type { Logger } from '@duramesh/runtime';
import { systemClock } from '@duramesh/runtime/system';
import { openTelemetrySettings } from '@duramesh/telemetry';
import type { OpenTelemetry } from '@duramesh/telemetry/opentelemetry';
import manifest from '../package.json' with { type: 'json' };

/**
 * Sends traces and metrics where OpenTelemetry's environment variables say; undefined, and nothing loaded, where they say nothing.
 * @throws RangeError a sentence about the variable that means nothing to us
 */
export async function startTelemetry(config: Config, logger: Logger): Promise<OpenTelemetry | undefined> {
  const settings = openTelemetrySettings(process.env);
  if (settings === undefined) return undefined;
  const { startOpenTelemetry } = await import('@duramesh/telemetry/opentelemetry');
  const { traces, metrics, sampler, samplingRatio } = settings;
  logger.info({ traces, metrics, sampler, samplingRatio }, 'Traces and metrics are sent by OTLP.');
  return startOpenTelemetry({
    settings,
    logger,
    clock: systemClock,
    version: manifest.version,
    instanceId: config.nodeName,
  });
}
