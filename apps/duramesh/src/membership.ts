import type { Config, ServiceName } from '@duramesh/config';
import { type MemberLinks, Membership as Member, type PeerTransport } from '@duramesh/membership';
import type { ClusterFacts } from '@duramesh/persistence';
import type { Wiring } from './services.ts';
import { ListenFault } from './start-failure.ts';

/** Nothing moves when a frontend or a worker comes or goes: the store need not hear of them as often. */
const HEARTBEAT_MS = 20_000;

/** How others know a service of this process, and how they hear it. */
export interface Membership {
  readonly member: { readonly memberId: string; readonly address: string };
  /** Without a broker there are no others. */
  readonly links: MemberLinks | undefined;
}

export async function membershipOf(name: ServiceName, config: Config, facts: ClusterFacts): Promise<Membership> {
  const member = { memberId: config.nodeName, address: `${config.broadcastAddress}:${config.ports[name]}` };
  if (config.natsUrl === undefined) return { member, links: undefined };
  const { TcpPeers } = await import('@duramesh/membership/tcp');
  const port = config.membershipPorts[name];
  const peers = new TcpPeers({ host: config.ip, port });
  const transport: PeerTransport = {
    listen: (accept) =>
      peers.listen(accept).catch((cause: unknown) => {
        throw new ListenFault('membership', port, { cause });
      }),
    connect: (address, events) => peers.connect(address, events),
    close: () => peers.close(),
  };
  return { member, links: { transport, facts } };
}

/** Makes a service that owns nothing known to its like; answers how it leaves again. */
export async function joinAs(
  service: ServiceName,
  { store, clock, random, logger, metrics }: Wiring,
  { member, links }: Membership,
): Promise<() => Promise<void>> {
  if (links === undefined) return async () => undefined;
  const membership = new Member({
    member: { service, ...member },
    leaseStore: store.leases,
    clock,
    random,
    logger,
    metrics,
    heartbeatMs: HEARTBEAT_MS,
    links,
    onView: async () => undefined,
  });
  await membership.start();
  return () => membership.stop();
}
