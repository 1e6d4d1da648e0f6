import { natsAccess, type NatsAccessOptions, NatsBus } from '@duramesh/bus/nats';
import type { Logger } from '@duramesh/runtime';
import { systemClock, systemRandom } from '@duramesh/runtime/system';
import { until } from '../../support/until.ts';
import type { BusPair } from './bus-suite.ts';
import { silent } from './text-contract.ts';

/** Before any deadline, or the end of a first try; and a busy machine gets it done. */
export const AT_ONCE_MS = 1_500;

export interface NatsPair extends BusPair {
  readonly client: NatsBus;
  readonly server: NatsBus;
}

export interface NatsBusSettings extends Partial<NatsAccessOptions> {
  readonly name?: string;
  readonly role?: string;
  readonly clusterId?: string;
  readonly logger?: Logger;
}

export function openNatsBus(servers: readonly string[], settings: NatsBusSettings = {}): NatsBus {
  const { name = 'test', role = 'server', clusterId = 'test', logger = silent, ...access } = settings;
  return new NatsBus({
    access: natsAccess({ urls: servers.join(','), ...access }),
    name,
    role,
    clusterId,
    clock: systemClock,
    random: systemRandom,
    logger,
  });
}

const isAll = (bus: NatsBus, isUp: boolean): boolean =>
  bus.status().connections.every((connection) => connection.isUp === isUp);

/** Resolves when all connections are up. */
export const connected = (bus: NatsBus): Promise<unknown> =>
  until(() => isAll(bus, true), { what: 'the bus connects', withinMs: 15_000 });

/** Resolves when each connection has noticed its loss for itself. */
export const down = (bus: NatsBus): Promise<unknown> =>
  until(() => isAll(bus, false), { what: 'the loss is seen', withinMs: 8_000 });

/** Where the connections of a bus lead. */
export const brokersOf = (bus: NatsBus): readonly string[] => bus.status().connections.map(({ server }) => server);

/** Two buses on one broker, connected. */
export async function openNatsPair(servers: readonly string[]): Promise<NatsPair> {
  const client = openNatsBus(servers, { name: 'client' });
  const server = openNatsBus(servers, { name: 'server' });
  await Promise.all([connected(client), connected(server)]);
  const close = async (): Promise<void> => void (await Promise.all([client.close(), server.close()]));
  return { client, server, close };
}
