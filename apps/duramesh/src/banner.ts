import type { Config } from '@duramesh/config';
import { withoutLogin } from '@duramesh/persistence';
import manifest from '../package.json' with { type: 'json' };
import { hostOf } from './host-of.ts';
import type { Kept } from './processes/keeper.ts';
import type { Readiness } from './processes/messages.ts';
import type { RunningServer } from './run-server.ts';

const listening = ({ ports }: RunningServer): string =>
  [...ports].map(([service, port]) => `${service} :${port}`).join(', ');
const metricsUrl = ({ telemetryPort }: Pick<RunningServer, 'telemetryPort'>, { ip }: Config): string =>
  `http://${hostOf(ip)}:${telemetryPort}/metrics`;

/** Five lines for people: what listens where. */
export function banner(server: RunningServer, config: Config, readyMs: number): string {
  const frontend = server.ports.get('frontend');
  const sdks = frontend === undefined ? 'another process' : `${hostOf(config.ip)}:${frontend}`;
  return [
    `Duramesh ${manifest.version}, ready ${readyMs} ms after its start. Stop it with Ctrl-C.`,
    `  SDKs      ${sdks}  (namespaces: ${config.namespaces.join(', ')})`,
    `  Services  ${listening(server)}; bus: ${config.brokers ?? 'in memory'}`,
    `  Data      ${withoutLogin(config.databaseUrl)}  (${server.shards} shards)`,
    `  Watching  ${metricsUrl(server, config)} and /health`,
    '',
  ].join('\n');
}

/** The same for machines. */
export function bannerFields(server: RunningServer, config: Config, readyMs: number): object {
  return {
    version: manifest.version,
    readyMs,
    ip: config.ip,
    ports: Object.fromEntries(server.ports),
    namespaces: config.namespaces,
    database: withoutLogin(config.databaseUrl),
    shards: server.shards,
    bus: config.brokers ?? 'memory',
    metrics: metricsUrl(server, config),
  };
}

/** For people, of several processes behind one port. */
export function bannerOfKept(kept: Kept, config: Config, readyMs: number): string {
  const { port, processes } = kept;
  const sdks = port === undefined ? 'another process' : `${hostOf(config.ip)}:${port}`;
  const line = ({ ports, telemetryPort }: Readiness): string => {
    const own = Object.entries(ports).filter(([service]) => service !== 'frontend');
    const listeners = own.map(([service, number]) => `${service} :${number}`);
    return [...listeners, metricsUrl({ telemetryPort }, config)].join(', ');
  };
  return [
    `Duramesh ${manifest.version}, ${processes.length} processes, ready ${readyMs} ms after the start. Stop them with Ctrl-C.`,
    `  SDKs      ${sdks}  (namespaces: ${config.namespaces.join(', ')})`,
    ...processes.map((readiness, at) => `  ${`Process ${at + 1}`.padEnd(9)} ${line(readiness)}`),
    `  Data      ${withoutLogin(config.databaseUrl)}  (${processes[0]?.shards} shards); bus: ${config.natsUrl}`,
    '',
  ].join('\n');
}

/** The same for machines. */
export function bannerFieldsOfKept({ port, processes }: Kept, config: Config, readyMs: number): object {
  return {
    version: manifest.version,
    readyMs,
    ip: config.ip,
    port,
    processes: processes.map(({ ports, telemetryPort }) => ({ ports, metrics: metricsUrl({ telemetryPort }, config) })),
    namespaces: config.namespaces,
    database: withoutLogin(config.databaseUrl),
    shards: processes[0]?.shards,
    bus: config.natsUrl,
  };
}
