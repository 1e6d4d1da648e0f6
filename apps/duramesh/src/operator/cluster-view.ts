import type { Client, OperatorContract } from '@duramesh/contracts';
import type { ClusterFacts, Member, Store } from '@duramesh/persistence';
import {
  ClusterView,
  type DescribeClusterRequest,
  DescribeProcessRequest,
  HolderView,
  MemberView,
  type ProcessView,
} from '@duramesh/proto';

export interface ClusterParts {
  readonly memberId: string;
  readonly store: Pick<Store, 'leases' | 'namespaces'>;
  readonly facts: ClusterFacts;
  /** Other processes. */
  readonly members: Client<OperatorContract>;
  /** This one. */
  readonly describeSelf: (request: DescribeProcessRequest) => Promise<ProcessView>;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What every member says of itself. One that does not answer is told as such, and so is a store that does not. */
export async function clusterView(parts: ClusterParts, request: DescribeClusterRequest): Promise<ClusterView> {
  const { store, facts } = parts;
  const problems: string[] = [];
  const orNone = <T>(reading: Promise<readonly T[]>): Promise<readonly T[]> =>
    reading.catch((error: unknown) => {
      problems.push(messageOf(error));
      return [];
    });
  const [listed, holders, namespaces] = await Promise.all([
    orNone(store.leases.readMembers()),
    request.withShards ? orNone(store.leases.readHolders('history')) : [],
    request.withTaskQueues ? orNone(store.namespaces.list()) : [],
  ]);
  const members = await askAll(parts, listed, request);
  const names = new Map(namespaces.map(({ id, name }) => [id, name]));
  return ClusterView.create({
    clusterId: facts.clusterId,
    historyShards: facts.historyShards,
    matchingSlots: facts.matchingSlots,
    members: members.map((member) => withNames(member, names)),
    holders: holders.map(({ partition: shard, rangeId, memberId }) => HolderView.create({ shard, rangeId, memberId })),
    problem: problems.join('; '),
  });
}

/** One entry for each process, whatever services it runs. */
function askAll(
  parts: ClusterParts,
  listed: readonly Member[],
  request: DescribeClusterRequest,
): Promise<MemberView[]> {
  const services = new Map<string, Record<string, string>>();
  for (const { memberId, service, address } of listed) {
    services.set(memberId, { ...services.get(memberId), [service]: address });
  }
  const isListed = (memberId: string): boolean => services.has(memberId);
  const memberIds = new Set([parts.memberId, ...services.keys()]);
  const { withShards, withTaskQueues } = request;
  return Promise.all(
    Array.from(memberIds, async (memberId) => {
      const known = { memberId, services: services.get(memberId) ?? {}, listed: isListed(memberId) };
      const question = DescribeProcessRequest.create({ memberId, withShards, withTaskQueues });
      try {
        const isSelf = memberId === parts.memberId;
        const process = await (isSelf ? parts.describeSelf(question) : parts.members.describeProcess(question));
        const own = Object.fromEntries(process.services.map(({ service, address }) => [service, address]));
        return MemberView.create({ ...known, services: { ...known.services, ...own }, process });
      } catch (error) {
        return MemberView.create({ ...known, problem: `it does not answer: ${messageOf(error)}` });
      }
    }),
  );
}

function withNames(member: MemberView, names: ReadonlyMap<string, string>): MemberView {
  if (!member.process || names.size === 0) return member;
  const services = member.process.services.map((service) => ({
    ...service,
    taskQueues: service.taskQueues.map((queue) => ({ ...queue, namespace: names.get(queue.namespaceId) ?? '' })),
  }));
  return { ...member, process: { ...member.process, services } };
}
