import { inWords } from '@duramesh/engine';
import type { ClusterConfig } from '@duramesh/config';
import type { ClusterView, MemberView, ServiceView, ShardView, TaskQueueView } from '@duramesh/proto';
import { table } from './table.ts';

const MIB = 1024 ** 2;
const ACTIVITY = 2;

const servicesOf = ({ process }: MemberView): readonly ServiceView[] => process?.services ?? [];
const serviceOf = (member: MemberView, name: string): ServiceView | undefined =>
  servicesOf(member).find(({ service }) => service === name);
const owned = (member: MemberView, name: string): number => serviceOf(member, name)?.partitions['owned'] ?? 0;

const problemLine = ({ problem }: ClusterView): string => (problem === '' ? '' : `\nNot complete: ${problem}\n`);

/** Who there is, where, and what of the cluster each has. */
export function membersText(view: ClusterView): string {
  const rows = view.members.map((member) => {
    const { memberId, services, process, problem } = member;
    const where = Object.entries(services).map(([name, address]) => `${name} ${address}`);
    if (!process) return [memberId, 'NO ANSWER', '', '', '', '', '', `${where.join(', ')}: ${problem}`];
    const { version, uptimeMs, rssBytes, checks } = process;
    const state = checks.every(({ ok }) => ok) ? 'ready' : 'NOT READY';
    const leases = [owned(member, 'history'), owned(member, 'matching')];
    const memory = `${Math.round(rssBytes / MIB)} MiB`;
    return [memberId, state, version, inWords(uptimeMs), ...leases, memory, where.join(', ')];
  });
  const head = ['MEMBER', 'STATE', 'VERSION', 'UP', 'SHARDS', 'SLOTS', 'MEMORY', 'SERVICES'];
  return table(head, rows) + problemLine(view);
}

/** Rows for people; scripts get all of them as JSON. */
const SHOWN_SHARDS = 40;

/** The busiest shards of all members and those that are not served, then those that nobody who answers has. */
export function shardsText(view: ClusterView): string {
  const now = Date.now();
  const shards = view.members.flatMap((member) =>
    (serviceOf(member, 'history')?.shards ?? []).map((shard) => ({ ...shard, owner: member.memberId })),
  );
  const busiest = shards.toSorted(
    (a, b) => b.transitionsPerSecond - a.transitionsPerSecond || b.openRuns - a.openRuns || a.shard - b.shard,
  );
  const isTelling = (it: ShardView): boolean => it.state !== 'owned' || it.openRuns > 0 || it.transitionsPerSecond > 0;
  const shown = busiest.filter(isTelling).slice(0, SHOWN_SHARDS);
  const rows = shown.map((it) => [
    it.shard,
    it.owner,
    it.state,
    it.rangeId,
    inWords(now - it.sinceMs),
    it.openRuns,
    it.transitionsPerSecond.toFixed(1),
    it.runningTransactions,
    it.lockWaits,
  ]);
  const head = ['SHARD', 'OWNER', 'STATE', 'RANGE', 'SINCE', 'OPEN RUNS', 'PER S', 'WRITING', 'LOCK WAITS'];
  const told = new Set(shards.map(({ shard }) => shard));
  const rest = `\n${shards.length - shown.length} more shards are served${shown.length < SHOWN_SHARDS ? ' and have nothing to do' : ''}.\n`;
  return table(head, rows) + rest + orphansText(view, told) + lagText(view) + problemLine(view);
}

function orphansText({ holders, historyShards }: ClusterView, told: ReadonlySet<number>): string {
  const rows = holders.filter(({ shard }) => !told.has(shard)).map((it) => [it.shard, it.memberId, it.rangeId]);
  const never = historyShards - holders.length;
  const lost =
    rows.length === 0
      ? ''
      : `\nNo process that answers has these shards:\n${table(['SHARD', 'LAST OWNER', 'RANGE'], rows)}`;
  return lost + (never > 0 ? `\n${never} of ${historyShards} shards were never owned.\n` : '');
}

/** How far each history is behind with tasks and timers. */
function lagText(view: ClusterView): string {
  const now = Date.now();
  const rows = view.members.flatMap((member) => {
    const lag = serviceOf(member, 'history')?.lag;
    if (!lag) return [];
    const ahead = inWords(lag.lookAheadUntilMs - now);
    return [[member.memberId, lag.immediate, lag.timers, ahead, inWords(lag.timerLagMs)]];
  });
  return rows.length === 0
    ? ''
    : `\n${table(['HISTORY', 'TASKS UNDER WAY', 'TIMERS AHEAD', 'LOOKS AHEAD', 'TIMERS LATE BY'], rows)}`;
}

/** Task-queue partitions in memory: what waits in them, and who polls. */
export function queuesText(view: ClusterView, { namespace }: ClusterConfig): string {
  const queues = view.members.flatMap((member) =>
    (serviceOf(member, 'matching')?.taskQueues ?? [])
      .filter((queue) => queue.namespace === namespace)
      .map((queue) => ({ queue, memberId: member.memberId })),
  );
  const head = ['QUEUE', 'TYPE', 'PART', 'OWNER', 'POLLS', 'BACKLOG', 'OLDEST', 'PER S', 'POLLERS'];
  const sorted = queues.toSorted((a, b) => b.queue.backlogCount - a.queue.backlogCount || compare(a.queue, b.queue));
  const rows = sorted.map(({ queue, memberId }) => {
    const age = queue.backlogCount === 0 ? '' : inWords(queue.backlogAgeMs);
    const speed = `${queue.tasksPerSecond.toFixed(1)}${queue.rateLimited ? ' LIMITED' : ''}`;
    const place = [queue.name, typeOf(queue), queue.partition, memberId];
    return [...place, queue.waitingPolls, queue.backlogCount, age, speed, pollersOf(queue)];
  });
  const none = rows.length === 0 ? `\nNo task queue of namespace ${namespace} is in use.\n` : '';
  return table(head, rows) + none + problemLine(view);
}

const compare = (a: TaskQueueView, b: TaskQueueView): number =>
  a.name.localeCompare(b.name) || a.type - b.type || a.partition - b.partition;

const typeOf = ({ type, sticky }: TaskQueueView): string =>
  sticky ? 'sticky' : type === ACTIVITY ? 'activity' : 'workflow';

const SHOWN_POLLERS = 3;

function pollersOf({ pollers }: TaskQueueView): string {
  if (pollers.length === 0) return 'NONE';
  const now = Date.now();
  const latest = pollers.toSorted((a, b) => b.lastPollMs - a.lastPollMs).slice(0, SHOWN_POLLERS);
  const shown = latest.map(({ identity, lastPollMs }) => `${identity} (${inWords(now - lastPollMs)} ago)`);
  const more = pollers.length - latest.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

export const isHealthy = ({ members, problem }: ClusterView): boolean =>
  problem === '' && members.every(({ process }) => process?.checks.every(({ ok }) => ok) === true);

/** What keeps each process from serving, and what its surroundings cost it. */
export function healthText(view: ClusterView): string {
  const rows = view.members.map(({ memberId, process, problem }) => {
    if (!process) return [memberId, 'NO ANSWER', '', '', '', '', '', problem];
    const { checks, store, bus, eventLoopDelayMs, eventLoopUtilization } = process;
    const failed = checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);
    return [
      memberId,
      failed.length === 0 ? 'ready' : 'NOT READY',
      `${store?.name ?? ''} ${told(store?.latencyMs)}`,
      told(store?.lastCommitMs),
      store?.unknownCommits ?? 0,
      `${bus?.name ?? ''} ${bus?.connected ? 'connected' : 'AWAY'}`,
      `${eventLoopDelayMs.toFixed(1)} ms, ${Math.round(eventLoopUtilization * 100)} % busy`,
      failed.join('; '),
    ];
  });
  const head = ['MEMBER', 'STATE', 'STORE', 'LAST COMMIT', 'UNKNOWN', 'BUS', 'EVENT LOOP', 'WHAT IS WRONG'];
  return table(head, rows) + problemLine(view);
}

const told = (ms: number | undefined): string => (ms === undefined || ms < 0 ? '-' : `${ms.toFixed(1)} ms`);
