import type { Bus } from '@duramesh/bus';
import type { Config, ServiceName } from '@duramesh/config';
import { partitionsBy } from '@duramesh/contracts';
import type { ClusterFacts, Store } from '@duramesh/persistence';
import type { Clock, Ids, Logger, Metrics, Random, Tracer } from '@duramesh/runtime';
import { engineLimits, frontendLimits, matchingLimits } from './limits-of-services.ts';
import { ListenFault } from './start-failure.ts';

/** What every service is wired with. */
export interface Wiring {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Of the service that is wired. */
  readonly tracer: Tracer;
  readonly facts: ClusterFacts;
}

/** A service that runs in this process. */
export interface RunningService {
  readonly name: ServiceName;
  readonly port: number;
  /** Returns when nothing of it runs any more; what still runs when the signal aborts is cut off. */
  stop(signal: AbortSignal): Promise<void>;
}

type Start = (wiring: Wiring, config: Config) => Promise<RunningService>;

/** Loaded when it runs here, so that a process pays for its own services only. */
export const services: Readonly<Record<ServiceName, Start>> = {
  history: (wiring, config) =>
    withHealth('history', config, async (member) => {
      const [{ startHistory }, { DEFAULT_LIMITS }] = await Promise.all([
        import('@duramesh/history'),
        import('@duramesh/engine'),
      ]);
      const limits = { ...DEFAULT_LIMITS, ...engineLimits(config.limits) };
      const partitionsOf = partitionsBy(config.taskQueuePartitions);
      return startHistory({ ...wiring, member, limits, partitionsOf, cachedRuns: config.limits.cachedRuns });
    }),

  matching: (wiring, config) =>
    withHealth('matching', config, async (member) => {
      const { startMatching } = await import('@duramesh/matching');
      const partitionsOf = partitionsBy(config.taskQueuePartitions);
      return startMatching({ ...wiring, member, partitionsOf, limits: matchingLimits(config.limits) });
    }),

  worker: (wiring, config) =>
    withHealth('worker', config, async (member) => {
      const { startWorker } = await import('@duramesh/worker');
      return startWorker({ ...wiring, member, sweepEveryMs: config.limits.retentionSweepMs });
    }),

  async frontend(wiring, config) {
    const { startFrontend } = await import('@duramesh/frontend');
    const limits = { ...frontendLimits(config.limits), callbackAddresses: config.callbackAddresses };
    const listen = { ip: config.ip, port: config.ports.frontend };
    const partitionsOf = partitionsBy(config.taskQueuePartitions);
    const frontend = await startFrontend({ ...wiring, listen, partitionsOf, limits }).catch((cause: unknown) => {
      throw new ListenFault('frontend', listen.port, { cause });
    });
    return { name: 'frontend', port: frontend.address.port, stop: (signal) => frontend.stop(signal) };
  },
};

interface Stoppable {
  stop(): Promise<void>;
}

/** Services without an API of their own say on their port whether they serve. */
async function withHealth(
  name: ServiceName,
  config: Config,
  start: (member: { readonly memberId: string; readonly address: string }) => Promise<Stoppable>,
): Promise<RunningService> {
  const { HealthServer } = await import('./health-server.ts');
  const service = await start({ memberId: config.nodeName, address: `${config.ip}:${config.ports[name]}` });
  const health = new HealthServer(name);
  try {
    const port = await health.listen(config.ip, config.ports[name]);
    const stop = async (): Promise<void> => {
      health.drain();
      await service.stop();
      health.close();
    };
    return { name, port, stop };
  } catch (cause) {
    await service.stop();
    throw new ListenFault(name, config.ports[name], { cause });
  }
}
