import { mkdirSync } from 'node:fs';
import { type Config, type ServiceName, serviceNames } from '@duramesh/config';
import { partitionsBy } from '@duramesh/contracts';
import { type ClusterFacts, measuredStore, type Store } from '@duramesh/persistence';
import { type Logger, noTracer, type Tracer } from '@duramesh/runtime';
import { systemClock, systemIds, systemRandom } from '@duramesh/runtime/system';
import { MetricsRegistry, startTelemetryServer } from '@duramesh/telemetry';
import type { OpenTelemetry } from '@duramesh/telemetry/opentelemetry';
import { databaseSecrets } from './database-secrets.ts';
import { lockData } from './data-lock.ts';
import { portServices } from './grpc/port-services.ts';
import { bootstrapNamespaces } from './namespaces.ts';
import { openBus } from './open-bus.ts';
import { openWhenThere } from './open-when-there.ts';
import { createOperatorApi, type OperatorApi } from './operator/operator-service.ts';
import { exposeBus, exposeProcess } from './process-metrics.ts';
import { Readiness } from './readiness.ts';
import { type RunningService, services, type Wiring, type World } from './services.ts';
import { ClusterRefusal, ListenFault } from './start-failure.ts';

/** How many parts of task queues are spread over the members of matching. */
const MATCHING_SLOTS = 256;
/** How long what runs may go on after the wish to stop. */
const DRAIN_MS = 10_000;
/** The frontend comes last, when those it calls are there; and goes first. */
const START_ORDER: readonly ServiceName[] = ['history', 'matching', 'worker', 'frontend'];
const STOP_ORDER: readonly ServiceName[] = ['frontend', 'worker', 'history', 'matching'];

export interface RunningServer {
  /** Where each service of this process listens. */
  readonly ports: ReadonlyMap<ServiceName, number>;
  readonly telemetryPort: number;
  readonly shards: number;
  /** Takes no more calls of the API and lets the running ones end; everything else goes on. */
  drain(): Promise<void>;
  /** Stops everything in order. Never throws: what goes wrong is logged. */
  stop(): Promise<void>;
}

/** What has to be undone, the latest first. */
class Undo {
  readonly #steps: { readonly what: string; readonly run: () => void | Promise<void> }[] = [];
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(what: string, run: () => void | Promise<void>): void {
    this.#steps.push({ what, run });
  }

  async all(): Promise<void> {
    for (const { what, run } of this.#steps.splice(0).reverse()) {
      try {
        await run();
      } catch (error) {
        this.#logger.error({ error }, `Could not stop ${what} in order.`);
      }
    }
  }
}

export interface RunOptions extends Pick<Wiring, 'onConnection'> {
  /** Ends the wait for a database that is away. */
  readonly signal: AbortSignal;
  /** Where traces and metrics are sent, if they are. */
  readonly telemetry: OpenTelemetry | undefined;
}

/** Opens the store and the bus and starts the services asked for. Resolves when they serve; rejects with nothing left open. */
export async function runServer(config: Config, logger: Logger, options: RunOptions): Promise<RunningServer> {
  const undo = new Undo(logger);
  try {
    return await startAll(config, logger, { ...options, undo });
  } catch (error) {
    await undo.all();
    throw error;
  }
}

async function startAll(
  config: Config,
  logger: Logger,
  { undo, signal, telemetry, onConnection }: RunOptions & { readonly undo: Undo },
): Promise<RunningServer> {
  const registry = new MetricsRegistry();
  await telemetry?.sendMetrics(registry);
  const tracerOf = (name: ServiceName): Tracer => telemetry?.tracerOf?.(name) ?? noTracer;
  const running = new Map<ServiceName, RunningService>();
  // What the store does is a step of whichever service asks it.
  const store = await openData(config, logger, { registry, undo, signal, tracer: tracerOf('history') });
  const facts = await clusterFacts(store, config, logger);
  const bus = await openBus(config, facts.clusterId, { logger, signal });
  undo.add('the bus', () => bus.close());
  exposeProcess(registry, store);
  exposeBus(registry, bus);
  const readiness = new Readiness({ store, bus, clock: systemClock, services: config.services, running });
  const telemetryPort = await watch(config, { registry, readiness, undo });
  const world: World = {
    store,
    bus,
    clock: systemClock,
    random: systemRandom,
    ids: systemIds,
    logger,
    metrics: registry,
    facts,
    partitionsOf: partitionsBy(config.taskQueuePartitions),
  };
  const operator = createOperatorApi(world, { memberId: config.nodeName, readiness, running });
  undo.add('the answers to operators', operator.serve());
  const wiring: Omit<Wiring, 'tracer'> = { ...world, onConnection, portServices: portsWith(operator, readiness) };
  // Only the frontend asks after namespaces by name.
  if (config.services.includes('frontend')) await bootstrapNamespaces(store.namespaces, config, wiring);
  undo.add('the services', () => stopServices(STOP_ORDER, running, logger));
  for (const name of START_ORDER) {
    if (config.services.includes(name))
      running.set(name, await services[name]({ ...wiring, tracer: tracerOf(name) }, config));
  }
  warnIfOpen(config, logger);
  const bound = new Map(serviceNames.flatMap((name) => portOf(running.get(name))));
  return {
    ports: bound,
    telemetryPort,
    shards: wiring.facts.historyShards,
    drain: () => stopServices(['frontend'], running, logger),
    stop: () => undo.all(),
  };
}

const portsWith =
  ({ grpcService: operator }: OperatorApi, readiness: Readiness): Wiring['portServices'] =>
  (name) =>
    portServices(name, { operator, readiness, clock: systemClock });

const portOf = (service: RunningService | undefined): readonly [ServiceName, number][] =>
  service === undefined ? [] : [[service.name, service.port]];

interface Opening {
  readonly registry: MetricsRegistry;
  readonly undo: Undo;
}

async function openData(
  config: Config,
  logger: Logger,
  { registry, undo, signal, tracer }: Opening & { readonly signal: AbortSignal; readonly tracer: Tracer },
): Promise<Store> {
  if (config.dataDirectory !== undefined) mkdirSync(config.dataDirectory, { recursive: true });
  const file = /^sqlite:(?!:memory:)(.+)$/.exec(config.databaseUrl)?.[1];
  const options = { clock: systemClock, logger, metrics: registry, tracer, secrets: databaseSecrets() };
  const store = await openWhenThere(config.databaseUrl, options, signal);
  undo.add('the store', () => store.close());
  if (file !== undefined) {
    const lock = lockData(file, config.natsUrl === undefined ? 'alone' : 'shared');
    undo.add('the lock on the data', () => lock.release());
  }
  return measuredStore(store, { clock: systemClock, metrics: registry, tracer });
}

/** @throws ClusterRefusal when the database belongs to another cluster, or is being changed */
async function clusterFacts(
  store: Store,
  { clusterName, shards, shardsGiven }: Config,
  logger: Logger,
): Promise<ClusterFacts> {
  const facts = await store.cluster.readOrCreate({
    clusterId: systemIds.uuid(),
    clusterName,
    historyShards: shards,
    matchingSlots: MATCHING_SLOTS,
  });
  if (facts.clusterName !== clusterName) {
    const belongs = `the database belongs to the cluster '${facts.clusterName}', and this is '${clusterName}'`;
    throw new ClusterRefusal(`${belongs}: correct --cluster-name or --db`);
  }
  if (facts.shardsWanted !== undefined) {
    const changing = `the shards of the database are being changed to ${facts.shardsWanted}`;
    throw new ClusterRefusal(`${changing}: finish that first, with duramesh shards set ${facts.shardsWanted}`);
  }
  if (shardsGiven && facts.historyShards !== shards) {
    logger.warn({ asked: shards, shards: facts.historyShards }, 'The database keeps the shards it was created with.');
  }
  return facts;
}

interface Watched extends Opening {
  readonly readiness: Readiness;
}

async function watch(config: Config, { registry, readiness, undo }: Watched): Promise<number> {
  const checks = () => readiness.checks();
  const { ip, ports } = config;
  const options = { host: ip, port: ports.telemetry, clock: systemClock, expose: () => registry.expose(), checks };
  const server = await startTelemetryServer(options).catch((cause: unknown) => {
    throw new ListenFault('metrics', ports.telemetry, { cause });
  });
  undo.add('the metrics', () => server.close());
  return server.port;
}

async function stopServices(
  order: readonly ServiceName[],
  running: Map<ServiceName, RunningService>,
  logger: Logger,
): Promise<void> {
  const deadline = AbortSignal.timeout(DRAIN_MS);
  for (const name of order) {
    const service = running.get(name);
    if (service === undefined) continue;
    running.delete(name);
    await service.stop(deadline).catch((error: unknown) => logger.error({ error }, `Could not stop ${name} in order.`));
  }
}

const LOOPBACK = /^(?:127\.|::1$|localhost$)/;

function warnIfOpen({ ip }: Config, logger: Logger): void {
  if (!LOOPBACK.test(ip))
    logger.warn({ ip }, 'Whoever reaches this address may do everything: nothing asks who they are.');
}
