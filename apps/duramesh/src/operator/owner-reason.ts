import type { LeaseHolder, LeaseKind, Member } from '@duramesh/persistence';
import { DescribeProcessRequest, Reason } from '@duramesh/proto';
import type { ClusterParts } from './cluster-view.ts';

const PATIENCE = { timeoutMs: 1_000 };
const WORDS: Readonly<Record<LeaseKind, string>> = { history: 'history shard', matching: 'matching slot' };
const ADVICE =
  'Others take over once the heartbeats of a dead process have been missed. Who lives: duramesh cluster members';

/** Why nobody answers for a shard or a slot. */
export async function shardReason(parts: ClusterParts, kind: LeaseKind, partition: number): Promise<Reason> {
  const what = `${WORDS[kind]} ${partition}`;
  try {
    const [members, holders] = await Promise.all([
      parts.store.leases.readMembers(),
      parts.store.leases.readHolders(kind),
    ]);
    const holder = holders.find((it) => it.partition === partition);
    const text = `Nobody answers for ${what}: ${await stateOf(parts, members.filter(ofService(kind)), holder)}.`;
    return Reason.create({ code: 'OWNER_MOVING', text, advice: ADVICE, subject: holder?.memberId ?? '' });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const text = `Nobody answers for ${what}, and who holds it cannot be read: ${why}`;
    return Reason.create({ code: 'STORE_AWAY', text, advice: 'Bring the database back.' });
  }
}

const ofService =
  (kind: LeaseKind) =>
  ({ service }: Member): boolean =>
    service === kind;

async function stateOf(
  parts: ClusterParts,
  members: readonly Member[],
  holder: LeaseHolder | undefined,
): Promise<string> {
  if (members.length === 0) return 'no process of this service is known to live';
  if (holder === undefined) return 'no process has taken it yet';
  const lease = `its lease (range ${holder.rangeId}) is held by ${holder.memberId}`;
  if (!members.some(({ memberId }) => memberId === holder.memberId)) return `${lease}, which is not among the members`;
  const { memberId } = holder;
  const asked = DescribeProcessRequest.create({ memberId });
  const answers =
    memberId === parts.memberId ? parts.describeSelf(asked) : parts.members.describeProcess(asked, PATIENCE);
  return answers.then(
    () => `${lease}, which lives: it is loading it or handing it over`,
    () => `${lease}, which does not answer`,
  );
}
