import { readFileSync } from 'node:fs';
import { type Bus, MemoryBus } from '@duramesh/bus';
import type { Config, ServiceName } from '@duramesh/config';
import { filterOf, historyContract, matchingContract } from '@duramesh/contracts';
import type { Logger } from '@duramesh/runtime';
import { systemClock, systemRandom } from '@duramesh/runtime/system';
import { BrokerAway } from './start-failure.ts';

/** How long a broker may take to let us in at the start; later it may be away for as long as it likes. */
const CONNECT_TIMEOUT_MS = 6_000;
const CONNECT_POLL_MS = 20;

export interface OpenBusOptions {
  readonly logger: Logger;
  /** Ends the wait for a broker. */
  readonly signal: AbortSignal;
}

/**
 * The bus of this process; over a broker, with all its connections up.
 * @throws BrokerAway when no broker lets us in
 */
export async function openBus(config: Config, clusterId: string, { logger, signal }: OpenBusOptions): Promise<Bus> {
  const { natsUrl, natsFiles, nodeName: name } = config;
  if (natsUrl === undefined) return new MemoryBus({ clock: systemClock, logger });
  const { NatsBus } = await import('@duramesh/bus/nats');
  const access = await accessOf(natsUrl, natsFiles);
  const [role = 'server', ...others] = config.services;
  const bus = new NatsBus({
    access,
    name,
    role: others.length === 0 ? role : 'server',
    clusterId,
    clock: systemClock,
    random: systemRandom,
    logger,
  });
  try {
    const deadlineMs = systemClock.monotonicMs() + CONNECT_TIMEOUT_MS;
    while (!bus.status().connections.every(({ isUp }) => isUp)) {
      if (bus.refusal !== undefined) throw new BrokerAway(bus.refusal);
      if (systemClock.monotonicMs() > deadlineMs) throw new BrokerAway(faultsOf(bus));
      await systemClock.sleep(CONNECT_POLL_MS, signal);
    }
    const [forbidden] = await bus.forbidden(config.services.flatMap((service) => filters[service]));
    if (forbidden !== undefined) throw new BrokerAway(forbiddenText(forbidden, access.login, config.services));
    return bus;
  } catch (error) {
    await bus.close();
    throw error;
  }
}

/** What a service will want to hear, by one example: a process that is deaf must not take what it would own. */
const filters: Readonly<Record<ServiceName, readonly string[]>> = {
  frontend: [],
  history: [filterOf(historyContract, 0)],
  matching: [filterOf(matchingContract, 0)],
  worker: [],
};

const forbiddenText = (subject: string, login: string, services: readonly ServiceName[]): string =>
  `the broker does not let ${login || 'this process'} listen to ${subject}: ` +
  `log in as a user that may run ${services.join(', ')}`;

async function accessOf(urls: string, files: Config['natsFiles']) {
  const { natsAccess, NatsAccessFault } = await import('@duramesh/bus/nats');
  const password = process.env['DURAMESH_NATS_PASSWORD'];
  try {
    return natsAccess({ urls, password, ...files, readText: (path) => readFileSync(path, 'utf8') });
  } catch (cause) {
    if (cause instanceof NatsAccessFault) throw new BrokerAway(cause.message, { cause });
    throw cause;
  }
}

const faultsOf = (bus: Bus): string => {
  const faults = bus.status().connections.flatMap(({ fault }) => (fault === '' ? [] : [fault]));
  return [...new Set(faults)].join('; ') || 'the broker takes too long to let us in: try again, or correct --nats';
};
