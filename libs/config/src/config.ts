import { type DatabaseConfig, databaseOf } from './database.ts';
import { type Limits, resolveLimits } from './limits.ts';
import { brokersShown, type NatsFiles, natsFilesOf } from './nats.ts';
import type { CallbackAddress } from './parsers.ts';
import { type AttributeType, type ServiceName, serviceNames, settings, type SettingValues } from './settings.ts';
import { ConfigRefusal, type Source } from './sources.ts';
import type { TaskQueuePartitionsRule } from './task-queue-partitions.ts';
import { type Answer, answerOf, type ConfigSurroundings, resolveValues, strongest } from './values.ts';

/** Everything `duramesh start` needs to know, checked. */
export interface Config extends DatabaseConfig {
  readonly ip: string;
  /** 0 means any free port. */
  readonly ports: Readonly<Record<ServiceName | 'telemetry', number>>;
  /** Where the members of each service hear each other; 0 means any free port. */
  readonly membershipPorts: Readonly<Record<ServiceName, number>>;
  /** How other processes reach this one. */
  readonly broadcastAddress: string;
  /** May hold a password. */
  readonly natsUrl: string | undefined;
  /** The brokers, for people. */
  readonly brokers: string | undefined;
  readonly natsFiles: NatsFiles;
  readonly services: readonly ServiceName[];
  /** How many processes share the frontend's port; each is configured by `configOfProcess`. */
  readonly processes: number;
  readonly nodeName: string;
  readonly clusterName: string;
  readonly shards: number;
  /** True when somebody asked for that number of shards. */
  readonly shardsGiven: boolean;
  readonly namespaces: readonly string[];
  readonly searchAttributes: ReadonlyMap<string, AttributeType>;
  readonly retentionMs: number;
  readonly logLevel: SettingValues['logLevel'];
  readonly logFormat: 'json' | 'text';
  /** The rule that says most about a task queue decides. */
  readonly taskQueuePartitions: readonly TaskQueuePartitionsRule[];
  readonly limits: Limits;
  /** Where completion callbacks may go, beside the server itself. */
  readonly callbackAddresses: readonly CallbackAddress[];
}

export const resolveConfig = (surroundings: ConfigSurroundings): Answer<Config> =>
  answerOf(() => {
    const { values, sources } = resolveValues(settings, surroundings);
    return toConfig(values, sources, surroundings);
  });

function toConfig(
  values: SettingValues,
  sources: readonly Source[],
  { hostName, isTerminal }: ConfigSurroundings,
): Config {
  const services = serviceNames.filter((service) => values.services.includes(service));
  if (services.length === 0) throw new ConfigRefusal(`--services must name at least one of ${serviceNames.join(', ')}`);
  const database = databaseOf(values, sources);
  const ports = portsOf(values, services);
  refuseLonely(services, values.nats, database.databaseUrl);
  refuseApart(values, database.databaseUrl);
  return {
    ip: values.ip,
    ports,
    membershipPorts: membershipPortsOf(values),
    broadcastAddress: values.broadcastAddress ?? (WILDCARD.test(values.ip) ? hostName : values.ip),
    ...database,
    natsUrl: values.nats,
    brokers: brokersShown(values.nats),
    natsFiles: natsFilesOf(values),
    services,
    processes: values.processes,
    nodeName: values.nodeName ?? `${hostName}:${ports[services[0] ?? 'frontend']}`,
    clusterName: values.clusterName,
    shards: values.shards,
    shardsGiven: strongest(sources, 'shards') !== undefined,
    namespaces: [...new Set(['default', ...values.namespaces])],
    searchAttributes: new Map(values.searchAttributes),
    retentionMs: values.retentionMs,
    logLevel: values.logLevel,
    logFormat: values.logFormat ?? (isTerminal ? 'text' : 'json'),
    taskQueuePartitions: values.taskQueuePartitions,
    limits: resolveLimits(values.limits),
    callbackAddresses: values.callbackAddresses,
  };
}

const PORT_OFFSETS: Readonly<Record<ServiceName, number>> = { frontend: 0, history: 1, matching: 2, worker: 6 };
const TELEMETRY_OFFSET = 1000;
const MEMBERSHIP_OFFSET = -300;
const MAX_PORT = 65_535;
/** Addresses that mean all of the machine's. */
const WILDCARD = /^(?:0\.0\.0\.0|[0:]*::[0:]*)$/;

/** More than the services' own ports are apart, so that those of two processes never meet. */
const PROCESS_STEP = 10;

/** What process `number` of several, from one on, runs with: a name and ports of its own, but for the port that they share. */
export function configOfProcess(config: Config, number: number): Config {
  const own = (port: number): number => (port === 0 ? 0 : port + PROCESS_STEP * (number - 1));
  const ownOf = (ports: Config['membershipPorts']): Config['membershipPorts'] => ({
    frontend: own(ports.frontend),
    history: own(ports.history),
    matching: own(ports.matching),
    worker: own(ports.worker),
  });
  const { ports, membershipPorts } = config;
  return {
    ...config,
    processes: 1,
    nodeName: `${config.nodeName}-${number}`,
    ports: { ...ownOf(ports), frontend: ports.frontend, telemetry: own(ports.telemetry) },
    membershipPorts: ownOf(membershipPorts),
  };
}

function portsOf({ port, metricsPort, processes }: SettingValues, services: readonly ServiceName[]): Config['ports'] {
  // Processes of one machine share the base port, so each counts from the port of a service that only it runs.
  const own = port + PORT_OFFSETS[services[0] ?? 'frontend'];
  const telemetry = metricsPort ?? (port === 0 ? 0 : own + TELEMETRY_OFFSET);
  if (telemetry > MAX_PORT) {
    throw new ConfigRefusal(`--port ${port} leaves no room for the metrics port ${telemetry}: give --metrics-port too`);
  }
  if (port + PORT_OFFSETS.worker > MAX_PORT) throw new ConfigRefusal(`--port must be ${MAX_PORT - 6} at most`);
  if (Math.max(telemetry, port + PORT_OFFSETS.worker) + PROCESS_STEP * (processes - 1) > MAX_PORT) {
    throw new ConfigRefusal(`the ports of ${processes} processes end above ${MAX_PORT}: give a lower --port`);
  }
  return { ...portsFrom(port), telemetry };
}

function membershipPortsOf({ port, membershipPort, nats }: SettingValues): Config['membershipPorts'] {
  const first = membershipPort ?? (port === 0 ? 0 : port + MEMBERSHIP_OFFSET);
  const isListening = nats !== undefined;
  if (isListening && first < 0) {
    throw new ConfigRefusal(`--port ${port} leaves no room for membership ports below it: give --membership-port too`);
  }
  if (first + PORT_OFFSETS.worker > MAX_PORT)
    throw new ConfigRefusal(`--membership-port must be ${MAX_PORT - 6} at most`);
  return portsFrom(Math.max(first, 0));
}

function portsFrom(first: number): Readonly<Record<ServiceName, number>> {
  const at = (service: ServiceName): number => (first === 0 ? 0 : first + PORT_OFFSETS[service]);
  return { frontend: at('frontend'), history: at('history'), matching: at('matching'), worker: at('worker') };
}

/** Services that run elsewhere are reached over a broker and share the database. */
function refuseLonely(services: readonly ServiceName[], nats: string | undefined, databaseUrl: string): void {
  if (services.length === serviceNames.length) return;
  const missing = serviceNames.filter((service) => !services.includes(service)).join(', ');
  if (nats === undefined) {
    throw new ConfigRefusal(
      `${missing} would run elsewhere: give --nats URL to reach them, or run all four services here`,
    );
  }
  if (isInMemory(databaseUrl)) {
    throw new ConfigRefusal(
      `${missing} would run elsewhere and cannot share a database in memory: give another --db URL`,
    );
  }
}

/** Several processes are as far from each other as several machines. */
function refuseApart({ processes, nats }: SettingValues, databaseUrl: string): void {
  if (processes === 1) return;
  if (nats === undefined) {
    throw new ConfigRefusal(`--processes ${processes} needs --nats URL: the processes reach each other over a broker`);
  }
  if (isInMemory(databaseUrl)) {
    throw new ConfigRefusal(`--processes ${processes} cannot share a database in memory: give another --db URL`);
  }
}

const isInMemory = (databaseUrl: string): boolean =>
  databaseUrl.startsWith('memory:') || databaseUrl.includes(':memory:');
