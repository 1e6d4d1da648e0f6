import type { Config } from '@duramesh/config';
import { withoutLogin } from '@duramesh/persistence';
import manifest from '../package.json' with { type: 'json' };
import type { RunningServer } from './run-server.ts';

const hostOf = (ip: string): string => (ip.includes(':') ? `[${ip}]` : ip);
const listening = ({ ports }: RunningServer): string =>
  [...ports].map(([service, port]) => `${service} :${port}`).join(', ');
const metricsUrl = ({ telemetryPort }: RunningServer, { ip }: Config): string =>
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
