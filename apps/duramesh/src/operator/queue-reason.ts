import { inWords } from '@duramesh/engine';
import type { AwaitedQueue, DescribePartitionReply, Reason } from '@duramesh/proto';

/** A worker that waits for tasks polls again within a minute. */
const POLL_SILENCE_MS = 70_000;
const ACTIVITY = 2;
/** temporal.api.enums.v1.RateLimitSource */
const LIMIT_SET_BY: Readonly<Record<number, string>> = {
  1: ' that an operator has set',
  2: ' that its workers have set',
};

/** What matching knows of all partitions of a queue. */
interface QueueFacts {
  readonly pollers: number;
  readonly lastPollMs: number;
  readonly waitingPolls: number;
  readonly backlogCount: number;
  readonly backlogAgeMs: number;
  readonly isLimited: boolean;
  readonly perSecond: number;
  readonly limitSource: number;
}

type Poller = DescribePartitionReply['pollers'][number];

const pollMs = ({ lastAccessTime: at }: Poller): number => (at?.seconds ?? 0) * 1_000 + (at?.nanos ?? 0) / 1e6;

/** Whether the worker may take the task. */
function suits({ deploymentOptions: options }: Poller, { workerVersion }: AwaitedQueue): boolean {
  if (workerVersion === '') return true;
  return `${options?.deploymentName ?? ''}.${options?.buildId ?? ''}` === workerVersion;
}

function factsOf(partitions: readonly DescribePartitionReply[], queue: AwaitedQueue): QueueFacts {
  const pollers = partitions.flatMap((it) => it.pollers).filter((poller) => suits(poller, queue));
  const levels = partitions.flatMap((it) => it.levels);
  return {
    pollers: new Set(pollers.map(({ identity }) => identity)).size,
    lastPollMs: pollers.reduce((latest, poller) => Math.max(latest, pollMs(poller)), 0),
    waitingPolls: partitions.reduce((sum, it) => sum + it.waitingPolls, 0),
    backlogCount: levels.reduce((sum, it) => sum + it.backlogCount, 0),
    backlogAgeMs: levels.reduce((oldest, it) => Math.max(oldest, it.backlogAgeMs), 0),
    isLimited: partitions.some((it) => it.rateLimitingActive),
    perSecond: partitions.reduce((sum, it) => sum + it.requestsPerSecond, 0),
    limitSource: partitions[0]?.rateLimitSource ?? 0,
  };
}

/**
 * Why the worker that a run waits for does not come.
 * @param reason that a task waits on `queue`, as the state of the run says
 */
export function queueReason(
  reason: Reason,
  { queue, partitions }: { readonly queue: AwaitedQueue; readonly partitions: readonly DescribePartitionReply[] },
  nowMs: number,
): Reason {
  const facts = factsOf(partitions, queue);
  const told = isSilent(facts, nowMs)
    ? nobodyPolls(queue, facts, nowMs)
    : facts.isLimited
      ? limited(queue, facts)
      : facts.backlogCount > 0
        ? backlog(queue, facts)
        : facts.waitingPolls > 0
          ? onItsWay(queue)
          : busy(queue, facts, nowMs);
  return { ...reason, ...told, text: `${reason.text} ${told.text}` };
}

const isSilent = ({ pollers, waitingPolls, lastPollMs }: QueueFacts, nowMs: number): boolean =>
  pollers === 0 || (waitingPolls === 0 && nowMs - lastPollMs > POLL_SILENCE_MS);

type Told = Pick<Reason, 'code' | 'text' | 'advice'>;

const kindOf = ({ type }: AwaitedQueue): string => (type === ACTIVITY ? 'activity' : 'workflow');

function nobodyPolls(queue: AwaitedQueue, { lastPollMs }: QueueFacts, nowMs: number): Told {
  const { name, sticky, normalName, workerVersion } = queue;
  const last = lastPollMs === 0 ? '' : `, the last one ${inWords(nowMs - lastPollMs)} ago`;
  if (sticky) {
    const text = `The worker that had the run in its cache polls no more${last}; another one of ${normalName} gets it next.`;
    return { code: 'STICKY_WORKER_GONE', text, advice: 'Nothing, unless no worker is left at all.' };
  }
  const version = workerVersion === '' ? '' : ` of version ${workerVersion}`;
  const text = `No worker${version} polls it${last}.`;
  const advice = `Start a ${kindOf(queue)} worker${version} on task queue ${name} of this namespace, or correct the name of the queue.`;
  return { code: 'NO_POLLER', text, advice };
}

function limited({ name }: AwaitedQueue, { perSecond, limitSource, backlogCount }: QueueFacts): Told {
  const text =
    `The queue gives ${perSecond} tasks a second at most, a limit${LIMIT_SET_BY[limitSource] ?? ''};` +
    ` ${backlogCount} tasks wait.`;
  const advice = `Raise the limit: temporal task-queue config set --task-queue ${name}, or maxTaskQueueActivitiesPerSecond of the workers.`;
  return { code: 'RATE_LIMITED', text, advice };
}

function backlog({ name }: AwaitedQueue, { backlogCount, backlogAgeMs, pollers }: QueueFacts): Told {
  const text = `${backlogCount} tasks wait there, the oldest for ${inWords(backlogAgeMs)}; ${pollers} workers poll.`;
  return { code: 'BACKLOG', text, advice: `Start more workers on ${name}, or give those there are more slots.` };
}

const onItsWay = ({ name }: AwaitedQueue): Told => ({
  code: 'HANDING_OVER',
  text: `A worker of ${name} waits for a task: it is about to get this one.`,
  advice: 'If this lasts, ask for the health of history and matching: duramesh cluster health',
});

function busy({ name }: AwaitedQueue, { pollers, lastPollMs }: QueueFacts, nowMs: number): Told {
  const ago = inWords(nowMs - lastPollMs);
  const text = `No task waits in front, but none of its ${pollers} workers asks for one just now; the last asked ${ago} ago.`;
  const advice = `Their slots are taken, or they have gone: look at the workers of ${name}.`;
  return { code: 'WORKERS_BUSY', text, advice };
}
