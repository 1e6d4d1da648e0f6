import { type Limits, resolveLimits } from './limits.ts';
import type { CallbackAddress } from './parsers.ts';
import {
  type AttributeType,
  type ServiceName,
  serviceNames,
  type SettingName,
  settingNames,
  settings,
  type SettingValues,
} from './settings.ts';
import type { TaskQueuePartitionsRule } from './task-queue-partitions.ts';
import { ConfigRefusal, type Given, readFile, readFlags, readVariables, type Source } from './sources.ts';

/** Everything `duramesh start` needs to know, checked. */
export interface Config {
  readonly ip: string;
  /** 0 means any free port. */
  readonly ports: Readonly<Record<ServiceName | 'telemetry', number>>;
  /** What openStore takes. */
  readonly databaseUrl: string;
  /** The directory to create for the database, unless a URL was given. */
  readonly dataDirectory: string | undefined;
  readonly natsUrl: string | undefined;
  readonly services: readonly ServiceName[];
  readonly nodeName: string;
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

/** What is read from outside. */
export interface ConfigSurroundings {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostName: string;
  readonly isTerminal: boolean;
  /** @throws when the file cannot be read */
  readonly readText: (path: string) => string;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly message: string };

/** Flags win over variables, variables over the config file, the file over defaults. */
export function resolveConfig(surroundings: ConfigSurroundings): ConfigResult {
  try {
    const given = readSources(surroundings);
    return { ok: true, config: toConfig(readValues(given), given, surroundings) };
  } catch (error) {
    if (error instanceof ConfigRefusal) return { ok: false, message: error.message };
    throw error;
  }
}

/** Strongest first. */
function readSources({ args, env, readText }: ConfigSurroundings): readonly Source[] {
  const strong = [readFlags(args), readVariables(env)];
  const path = strongest(strong, 'config')?.texts.at(-1);
  if (path === undefined) return strong;
  let content: string;
  try {
    content = readText(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigRefusal(`the config file ${path} cannot be read: ${why}`);
  }
  return [...strong, readFile(path, content)];
}

const strongest = (sources: readonly Source[], name: SettingName): Given | undefined =>
  sources.find((source) => source.has(name))?.get(name);

function readValues(sources: readonly Source[]): SettingValues {
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const name of settingNames) {
    const given = strongest(sources, name);
    if (given === undefined) {
      values[name] = settings[name].initial;
      continue;
    }
    const parsed = settings[name].read(given.texts);
    if (!parsed.ok) {
      throw new ConfigRefusal(`${given.from} must be ${parsed.mustBe}, but was '${given.texts.join(',')}'`);
    }
    values[name] = parsed.value;
  }
  return values as SettingValues;
}

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
  return {
    ip: values.ip,
    ports,
    ...database,
    natsUrl: values.nats,
    services,
    nodeName: values.nodeName ?? `${hostName}:${ports[services[0] ?? 'frontend']}`,
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

const FILE_NAME = 'duramesh.sqlite';

/** Of two ways to name the database the one from the stronger source counts; from one source they contradict. */
function databaseOf(
  { data, db }: SettingValues,
  sources: readonly Source[],
): Pick<Config, 'databaseUrl' | 'dataDirectory'> {
  const [dataRank, dbRank] = (['data', 'db'] as const).map((name) => {
    const rank = sources.findIndex((source) => source.has(name));
    return rank === -1 ? sources.length : rank;
  });
  if (db !== undefined && dataRank === dbRank) {
    throw new ConfigRefusal('--data and --db both name the database: give only one of them');
  }
  if (db !== undefined && (dbRank ?? 0) < (dataRank ?? 0)) return { databaseUrl: db, dataDirectory: undefined };
  return { databaseUrl: `sqlite:${data.replace(/\/+$/, '')}/${FILE_NAME}`, dataDirectory: data };
}

const PORT_OFFSETS: Readonly<Record<ServiceName, number>> = { frontend: 0, history: 1, matching: 2, worker: 6 };
const TELEMETRY_OFFSET = 1000;
const MAX_PORT = 65_535;

function portsOf({ port, metricsPort }: SettingValues, services: readonly ServiceName[]): Config['ports'] {
  // Processes of one machine share the base port, so each counts from the port of a service that only it runs.
  const own = port + PORT_OFFSETS[services[0] ?? 'frontend'];
  const telemetry = metricsPort ?? (port === 0 ? 0 : own + TELEMETRY_OFFSET);
  if (telemetry > MAX_PORT) {
    throw new ConfigRefusal(`--port ${port} leaves no room for the metrics port ${telemetry}: give --metrics-port too`);
  }
  if (port + PORT_OFFSETS.worker > MAX_PORT) throw new ConfigRefusal(`--port must be ${MAX_PORT - 6} at most`);
  const at = (service: ServiceName): number => (port === 0 ? 0 : port + PORT_OFFSETS[service]);
  return {
    frontend: at('frontend'),
    history: at('history'),
    matching: at('matching'),
    worker: at('worker'),
    telemetry,
  };
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
  if (databaseUrl.startsWith('memory:') || databaseUrl.includes(':memory:')) {
    throw new ConfigRefusal(
      `${missing} would run elsewhere and cannot share a database in memory: give another --db URL`,
    );
  }
}
