import type { Bus } from '@duramesh/bus';
import type { Config, ServiceName } from '@duramesh/config';
import { partitionsBy } from '@duramesh/contracts';
import type { Listen } from '@duramesh/frontend';
import type { ClusterFacts, Store } from '@duramesh/persistence';
import type { Clock, Ids, Logger, Metrics, Random, Tracer } from '@duramesh/runtime';
import { engineLimits, frontendLimits, matchingLimits } from './limits-of-services.ts';
import { joinAs, type Membership, membershipOf } from './membership.ts';
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
  /** Set where another process accepts the connections of the frontend. */
  readonly onConnection?: Listen['onConnection'];
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
    withHealth('history', { wiring, config }, async (membership) => {
      const [{ startHistory }, { DEFAULT_LIMITS }] = await Promise.all([
        import('@duramesh/history'),
        import('@duramesh/engine'),
      ]);
      const limits = { ...DEFAULT_LIMITS, ...engineLimits(config.limits) };
      const partitionsOf = partitionsBy(config.taskQueuePartitions);
      return startHistory({ ...wiring, ...membership, limits, partitionsOf, cachedRuns: config.limits.cachedRuns });
    }),

  matching: (wiring, config) =>
    withHealth('matching', { wiring, config }, async (membership) => {
      const { startMatching } = await import('@duramesh/matching');
      const partitionsOf = partitionsBy(config.taskQueuePartitions);
      return startMatching({ ...wiring, ...membership, partitionsOf, limits: matchingLimits(config.limits) });
    }),

  worker: (wiring, config) =>
    withHealth('worker', { wiring, config }, async (membership) => {
      const { startWorker } = await import('@duramesh/worker');
      const leave = await joinAs('worker', wiring, membership);
      const worker = await startWorker({ ...wiring, ...membership, sweepEveryMs: config.limits.retentionSweepMs });
      const stop = async (): Promise<void> => {
        await worker.stop();
        await leave();
      };
      return { stop };
    }),

  async frontend(wiring, config) {
    const { startFrontend } = await import('@duramesh/frontend');
    const leave = await joinAs('frontend', wiring, await membershipOf('frontend', config, wiring.facts));
    const limits = { ...frontendLimits(config.limits), callbackAddresses: config.callbackAddresses };
    const listen = { ip: config.ip, port: config.ports.frontend, onConnection: wiring.onConnection };
    const partitionsOf = partitionsBy(config.taskQueuePartitions);
    const frontend = await startFrontend({ ...wiring, listen, partitionsOf, limits }).catch(async (cause: unknown) => {
      await leave();
      throw new ListenFault('frontend', listen.port, { cause });
    });
    const stop = async (signal: AbortSignal): Promise<void> => {
      await leave();
      await frontend.stop(signal);
    };
    return { name: 'frontend', port: frontend.address.port, stop };
  },
};

interface Stoppable {
  stop(): Promise<void>;
}

/** Services without an API of their own say on their port whether they serve. */
async function withHealth(
  name: ServiceName,
  { wiring, config }: { readonly wiring: Wiring; readonly config: Config },
  start: (membership: Membership) => Promise<Stoppable>,
): Promise<RunningService> {
  const { HealthServer } = await import('./health-server.ts');
  const service = await start(await membershipOf(name, config, wiring.facts));
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
