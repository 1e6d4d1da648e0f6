import type { Config } from '@duramesh/config';
import type { Logger } from '@duramesh/runtime';
import type { OpenTelemetry } from '@duramesh/telemetry/opentelemetry';
import { type RunningServer, runServer } from '../run-server.ts';
import { explainStartFailure } from '../start-failure.ts';
import { staying } from '../staying.ts';
import { aborted } from '../stop-signals.ts';
import type { KeeperLink } from './keeper-link.ts';

interface Watching {
  readonly logger: Logger;
  readonly telemetry: OpenTelemetry | undefined;
}

/** One of several processes, from its start to the end that its keeper wants. */
export function runKept(config: Config, link: KeeperLink, { logger, telemetry }: Watching): Promise<void> {
  return staying(async () => {
    const { onConnection, stopping } = link;
    let server: RunningServer;
    try {
      server = await runServer(config, logger, { signal: stopping, telemetry, onConnection });
    } catch (error) {
      if (stopping.aborted) process.exit(0);
      const message = explainStartFailure(error, config);
      if (message === undefined) throw error;
      return link.fail(message);
    }
    const { ports, telemetryPort, shards } = server;
    await link.report({ kind: 'ready', readiness: { ports: Object.fromEntries(ports), telemetryPort, shards } });
    await Promise.race([link.drainWanted, aborted(stopping)]);
    await server.drain();
    await link.report({ kind: 'drained' });
    await aborted(stopping);
    await server.stop();
    await telemetry?.stop();
    process.stdout.write('', () => process.exit(0));
  });
}
