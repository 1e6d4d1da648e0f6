// Cost of one call over the bus, codecs included: `node tests/bench/bus.ts [rounds] [nats url]`.
import { createClient, MemoryBus, serve } from '@duramesh/bus';
import type { Bus } from '@duramesh/bus';
import { natsAccess, NatsBus } from '@duramesh/bus/nats';
import { matchingContract } from '@duramesh/contracts';
import type { Handlers, MatchingContract } from '@duramesh/contracts';
import { CancelPollRequest } from '@duramesh/proto';
import type { Logger } from '@duramesh/runtime';
import { systemClock, systemRandom } from '@duramesh/runtime/system';

const rounds = Number(process.argv[2] ?? 200_000);
const fail = (fields: object): void => console.error(fields);
const logger: Logger = { debug() {}, info() {}, warn: fail, error: fail, child: () => logger };

const handlers = new Proxy({} as Handlers<MatchingContract>, {
  get: () => () => Promise.resolve({}),
});
const request = CancelPollRequest.create({
  queue: {
    namespaceId: 'c0ffee00-0000-4000-8000-000000000000',
    name: 'orders',
    normalName: '',
    type: 1,
    partition: 0,
    kind: 1,
  },
  pollerId: '11111111-2222-4333-8444-555555555555',
});

async function measure(name: string, buses: readonly [client: Bus, server: Bus], inFlight: number): Promise<void> {
  const [client, server] = buses;
  const subscription = serve(server, matchingContract, { partition: 0, handlers, logger });
  const options = { partitions: 1, clock: systemClock, random: systemRandom, caller: 'bench' };
  const matching = createClient(client, matchingContract, options);
  const run = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await matching.cancelPoll(request);
  };
  const all = (count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: inFlight }, () => run(Math.ceil(count / inFlight))));
  await all(rounds / 4);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await all(rounds);
  const elapsedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  const perSecond = Math.round((rounds / elapsedMs) * 1000);
  console.log(`${name} x${inFlight}: ${((user + system) / rounds).toFixed(2)} µs CPU a call, ${perSecond}/s`);
  await subscription.close();
}

const memory = new MemoryBus({ clock: systemClock });
for (const inFlight of [1, 64]) await measure('memory', [memory, memory], inFlight);

const url = process.argv[3];
if (url !== undefined) {
  const open = (name: string): NatsBus =>
    new NatsBus({
      access: natsAccess({ urls: url }),
      role: 'server',
      clusterId: 'bench',
      name,
      clock: systemClock,
      random: systemRandom,
      logger,
    });
  const buses = [open('client'), open('server')] as const;
  while (!buses.every((bus) => bus.connected)) await systemClock.sleep(20);
  for (const inFlight of [1, 16, 128]) await measure('nats', buses, inFlight);
  await measure('nats, own handlers', [buses[1], buses[1]], 64);
  for (const bus of buses) await bus.close();
}
