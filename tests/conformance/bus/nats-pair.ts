import { type NatsAuth, NatsBus } from '@duramesh/bus/nats';
import { systemClock, systemRandom } from '@duramesh/runtime/system';
import { until } from '../../support/until.ts';
import type { BusPair } from './bus-suite.ts';
import { silent } from './text-contract.ts';

export interface NatsPair extends BusPair {
  readonly client: NatsBus;
  readonly server: NatsBus;
}

export const openNatsBus = (servers: readonly string[], name = 'test', auth: NatsAuth = {}): NatsBus =>
  new NatsBus({ servers, name, auth, clock: systemClock, random: systemRandom, logger: silent });

export const connected = (bus: NatsBus): Promise<unknown> =>
  until(() => bus.connected, { what: 'the bus connects', withinMs: 15_000 });

/** Two buses on one broker, connected. */
export async function openNatsPair(servers: readonly string[]): Promise<NatsPair> {
  const client = openNatsBus(servers, 'client');
  const server = openNatsBus(servers, 'server');
  await Promise.all([connected(client), connected(server)]);
  const close = async (): Promise<void> => void (await Promise.all([client.close(), server.close()]));
  return { client, server, close };
}
