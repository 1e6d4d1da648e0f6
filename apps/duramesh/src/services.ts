import type { Bus } from '@duramesh/bus';
import type { Config, ServiceName } from '@duramesh/config';
import type { PartitionsOf } from '@duramesh/contracts';
import type { Listen } from '@duramesh/frontend';
import type { ClusterFacts, Store } from '@duramesh/persistence';
import type { DescribeProcessRequest, ServiceView } from '@duramesh/proto';
import type { Clock, Ids, Logger, Metrics, Random, Tracer } from '@duramesh/runtime';
import type { PortServices } from './grpc/port-services.ts';
import { engineLimits, frontendLimits, matchingLimits } from './limits-of-services.ts';
import { joinAs, type Membership, membershipOf } from './membership.ts';
import { ListenFault } from './start-failure.ts';

/** What a process has and every service is wired with. */
export interface World {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly facts: ClusterFacts;
  /** As every process of the cluster has it. */
  readonly partitionsOf: PartitionsOf;
}

export interface Wiring extends World {
  /** Of the service that is wired. */
  readonly tracer: Tracer;
  /** Set where another process accepts the connections of the frontend. */
  readonly onConnection?: Listen['onConnection'];
  /** What the port of a service has beside its own API. */
  readonly portServices: (name: ServiceName) => PortServices;
}

/** A service that runs in this process. */
export interface RunningService {
  readonly name: ServiceName;
  readonly port: number;
  /** Where it listens. */
  readonly address: string;
  /** For operators; of services that own something. Made when it is asked for. */
  readonly view?: ((wishes: DescribeProcessRequest) => ServiceView) | undefined;
  /** What its commits to the store were like. */
  readonly commits?: (() => { readonly lastMs: number; readonly unknown: number }) | undefined;
  /** Returns when nothing of it runs any more; what still runs when the signal aborts is cut off. */
  stop(signal: AbortSignal): Promise<void>;
}

type Start = (wiring: Wiring, config: Config) => Promise<RunningService>;

/** Loaded when it runs here, so that a process pays for its own services only. */
export const services: Readonly<Record<ServiceName, Start>> = {
  history: (wiring, config) =>
    onOwnPort('history', { wiring, config }, async (membership) => {
      const [{ startHistory }, { DEFAULT_LIMITS }] = await Promise.all([
        import('@duramesh/history'),
        import('@duramesh/engine'),
      ]);
      const limits = { ...DEFAULT_LIMITS, ...engineLimits(config.limits) };
      return startHistory({ ...wiring, ...membership, limits, cachedRuns: config.limits.cachedRuns });
    }),

  matching: (wiring, config) =>
    onOwnPort('matching', { wiring, config }, async (membership) => {
      const { startMatching } = await import('@duramesh/matching');
      return startMatching({ ...wiring, ...membership, limits: matchingLimits(config.limits) });
    }),

  worker: (wiring, config) =>
    onOwnPort('worker', { wiring, config }, async (membership) => {
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
    const { services: more, drain } = wiring.portServices('frontend');
    const deps = { ...wiring, listen, limits, more };
    const frontend = await startFrontend(deps).catch(async (cause: unknown) => {
      await leave();
      throw new ListenFault('frontend', listen.port, { cause });
    });
    const { port } = frontend.address;
    const stop = async (signal: AbortSignal): Promise<void> => {
      await drain();
      await leave();
      await frontend.stop(signal);
    };
    return { name: 'frontend', port, address: `${config.ip}:${port}`, stop };
  },
};

interface Started extends Pick<RunningService, 'view' | 'commits'> {
  stop(): Promise<void>;
}

/** Services whose calls come over the bus say on a port of their own whether they serve, and tell operators the rest. */
async function onOwnPort(
  name: ServiceName,
  { wiring, config }: { readonly wiring: Wiring; readonly config: Config },
  start: (membership: Membership) => Promise<Started>,
): Promise<RunningService> {
  const { ServicePort } = await import('./grpc/service-port.ts');
  const service = await start(await membershipOf(name, config, wiring.facts));
  const { services: all, drain } = wiring.portServices(name);
  const server = new ServicePort(all);
  try {
    const port = await server.listen(config.ip, config.ports[name]);
    const stop = async (): Promise<void> => {
      await drain();
      await service.stop();
      server.close();
    };
    const { view, commits } = service;
    return { name, port, address: `${config.ip}:${port}`, view, commits, stop };
  } catch (cause) {
    await service.stop();
    throw new ListenFault(name, config.ports[name], { cause });
  }
}
