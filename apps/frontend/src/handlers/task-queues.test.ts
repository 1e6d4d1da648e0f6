import assert from 'node:assert/strict';
import test from 'node:test';
import {
  type Handlers,
  internal,
  type MatchingContract,
  notFound,
  type PartitionsOf,
  resourceExhausted,
  unavailable,
} from '@duramesh/contracts';
import {
  DescribePartitionReply,
  LevelStats,
  OfferOutcome,
  PollTaskReply,
  type TaskQueuePartition,
} from '@duramesh/proto';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { FrontendWorld } from '../testing/frontend-world.ts';

const ACTIVITY = 2;
const ENHANCED = 1;
const four: PartitionsOf = () => ({ write: 3, read: 4 });
const limit = (requestsPerSecond: number, reason = '') => ({ rateLimit: { requestsPerSecond }, reason });

/** A frontend whose queues have four partitions, each with as many tasks and pollers as its number tells. */
function world(matching: Partial<Handlers<MatchingContract>> = {}): Promise<FrontendWorld> {
  const describePartition: Handlers<MatchingContract>['describePartition'] = async ({ queue }) => {
    const at = queue?.partition ?? 0;
    const level = (priorityKey: number) =>
      LevelStats.create({ priorityKey, backlogCount: at, backlogAgeMs: at * 1_000, tasksAddRate: at });
    return DescribePartitionReply.create({
      pollers: [
        { identity: `only ${at}`, lastAccessTime: { seconds: 1 } },
        { identity: 'all', lastAccessTime: { seconds: at } },
      ],
      levels: at === 3 ? [level(1), level(3)] : [level(3)],
      rateLimitingActive: at === 2,
      requestsPerSecond: 25,
      rateLimitSource: 3,
      taskIds: { readLevel: 7, ackLevel: 5, blockStart: 1, blockEnd: 100 },
    });
  };
  return FrontendWorld.start({ matching: { describePartition, ...matching } }, { partitionsOf: four });
}

const describe = (w: FrontendWorld, request: RpcRequest<'DescribeTaskQueue'>) =>
  w.call('DescribeTaskQueue', { namespace: 'default', taskQueue: { name: 'q' }, taskQueueType: ACTIVITY, ...request });

test('statistics are those of all partitions together, and of each priority', async () => {
  const w = await world();
  const { stats, statsByPriorityKey, effectiveRateLimit } = await describe(w, { reportStats: true });
  assert.deepEqual([stats?.approximateBacklogCount, stats?.approximateBacklogAge?.seconds], [9, 3]);
  assert.deepEqual([stats?.tasksAddRate, stats?.rateLimitingActive], [9, true]);
  const counts = Object.entries(statsByPriorityKey ?? {}).map(([key, it]) => [key, it.approximateBacklogCount]);
  assert.deepEqual(counts, [
    ['1', 3],
    ['3', 6],
  ]);
  assert.deepEqual([effectiveRateLimit?.requestsPerSecond, effectiveRateLimit?.rateLimitSource], [100, 3]);
});

test('a description is of the partition that is named, with a status for old tools', async () => {
  const w = await world();
  const taskQueue = { name: '/_sys/q/3' };
  const { pollers, taskQueueStatus } = await describe(w, { taskQueue, includeTaskQueueStatus: true });
  assert.deepEqual(
    pollers?.map(({ identity }) => identity),
    ['only 3', 'all'],
  );
  const { backlogCountHint, readLevel, ackLevel, ratePerSecond, taskIdBlock } = taskQueueStatus ?? {};
  assert.deepEqual([backlogCountHint, readLevel, ackLevel, ratePerSecond, taskIdBlock?.endId], [6, 7, 5, 25, 100]);
});

test('a configuration that nobody set is absent, as is what was not asked for', async () => {
  const w = await world();
  const { config, stats, taskQueueStatus } = await describe(w, { reportConfig: true });
  assert.deepEqual([config, stats, taskQueueStatus], [undefined, undefined, undefined]);
});

test('versions are described over all partitions, each poller once', async () => {
  const w = await world();
  const { versionsInfo } = await describe(w, {
    apiMode: ENHANCED,
    reportPollers: true,
    reportStats: true,
    taskQueueTypes: [3],
  });
  const info = versionsInfo?.['']?.typesInfo?.[3];
  assert.deepEqual(
    info?.pollers?.map(({ identity }) => identity),
    ['only 0', 'all', 'only 1', 'only 2', 'only 3'],
  );
  assert.equal(info?.pollers?.[1]?.lastAccessTime?.seconds, 3);
  assert.equal(info?.stats?.approximateBacklogCount, 9);
});

for (const { why, request, refusal } of [
  {
    why: 'statistics of a child',
    request: { taskQueue: { name: '/_sys/q/1' }, reportStats: true },
    refusal: '3 DescribeTaskQueue stats are only supported for the root partition',
  },
  {
    why: 'statistics of a sticky queue',
    request: { taskQueue: { name: 's', kind: 2, normalName: 'q' }, reportStats: true },
    refusal: '3 DescribeTaskQueue stats are only supported for the root partition',
  },
  {
    why: 'a name of ours that is no partition',
    request: { taskQueue: { name: '/_sys/q' } },
    refusal: '3 task queue name cannot start with reserved prefix /_sys/',
  },
  {
    why: 'versions of a child',
    request: { taskQueue: { name: '/_sys/q/1' }, apiMode: ENHANCED },
    refusal:
      '3 Enhanced DescribeTaskQueue is not valid for non-root queue partitions, use api_mode=UNSPECIFIED or a normal queue root name.',
  },
  {
    why: 'the reachability of too many build ids',
    request: {
      apiMode: ENHANCED,
      reportTaskReachability: true,
      versions: { buildIds: ['1', '2', '3', '4', '5', '6'] },
    },
    refusal: '3 Too many build ids queried at once with ReportTaskReachability==true, limit: 5',
  },
]) {
  test(`a description is refused: ${why}`, async () => {
    const w = await world();
    const taskQueue = { name: 'q' };
    assert.equal(await w.refusal('DescribeTaskQueue', { namespace: 'default', taskQueue, ...request }), refusal);
  });
}

test('the partitions of a queue are those that tasks are written to, with their owners', async () => {
  const w = await world({
    locatePartition: async ({ queue }) => ({ address: `host-${queue?.type}-${queue?.partition}` }),
  });
  const list = (taskQueue: { name: string; kind?: number }) =>
    w.call('ListTaskQueuePartitions', { namespace: 'default', taskQueue });
  const { workflowTaskQueuePartitions: workflow, activityTaskQueuePartitions: activity } = await list({ name: 'a/b' });
  assert.deepEqual(
    workflow?.map(({ key }) => key),
    ['a/b', '/_sys/a/b/1', '/_sys/a/b/2'],
  );
  assert.deepEqual(
    activity?.map(({ ownerHostName }) => ownerHostName),
    ['host-2-0', 'host-2-1', 'host-2-2'],
  );
  const sticky = await list({ name: 'mine', kind: 2 });
  assert.deepEqual(
    sticky.workflowTaskQueuePartitions?.map(({ key }) => key),
    ['mine'],
  );
});

test('a configuration is updated at the root of its type', async () => {
  const asked: (TaskQueuePartition | undefined)[] = [];
  const w = await world({
    updateQueueConfig: async ({ queue, request }) => {
      asked.push(queue);
      return { config: { fairnessWeightOverrides: request?.setFairnessWeightOverrides ?? {} } };
    },
  });
  const request = {
    namespace: 'default',
    taskQueue: 'q',
    taskQueueType: ACTIVITY,
    setFairnessWeightOverrides: { a: 2 },
  };
  const { config } = await w.call('UpdateTaskQueueConfig', request);
  assert.deepEqual({ ...config?.fairnessWeightOverrides }, { a: 2 });
  assert.deepEqual(
    asked.map((it) => [it?.name, it?.type, it?.partition]),
    [['q', ACTIVITY, 0]],
  );
});

for (const [refusal, update] of Object.entries({
  '3 missing task queue name': { taskQueue: '' },
  '3 Setting rate limit on workflow task queues is not allowed.': { taskQueueType: 1, updateQueueRateLimit: limit(1) },
  '3 Setting fairness key rate limit on workflow task queues is not allowed.': {
    taskQueueType: 1,
    updateFairnessKeyRateLimitDefault: limit(1),
  },
  '3 RequestsPerSecond for UpdateQueueRateLimit rate limit must be non-negative.': { updateQueueRateLimit: limit(-1) },
  '3 UpdateFairnessKeyRateLimitDefault.Reason field too long (max 1000 characters).': {
    updateFairnessKeyRateLimitDefault: limit(1, 'r'.repeat(1_001)),
  },
  '3 fairness weight override key must not be empty': { unsetFairnessWeightOverrides: [''] },
  '3 invalid fairness weight weight for key "k": must be greater than zero': { setFairnessWeightOverrides: { k: -1 } },
  '3 too many fairness weight overrides in request: got 1001, maximum 1000': {
    unsetFairnessWeightOverrides: Array.from({ length: 1_001 }, (_, at) => `${at}`),
  },
})) {
  test(`a configuration is refused: ${refusal}`, async () => {
    const w = await world();
    const request = { namespace: 'default', taskQueue: 'q', taskQueueType: ACTIVITY, ...update };
    assert.equal(await w.refusal('UpdateTaskQueueConfig', request), refusal);
  });
}

test('a limit of a workflow queue may be unset, since it never was', async () => {
  const w = await world({ updateQueueConfig: async () => ({ config: {} }) });
  const request = { namespace: 'default', taskQueue: 'q', taskQueueType: 1, updateQueueRateLimit: { reason: 'none' } };
  const { config } = await w.call('UpdateTaskQueueConfig', request);
  assert.equal(config?.queueRateLimit, undefined);
});

test('a worker that shuts down has its polls ended in every partition, also when one of them is away', async () => {
  const ended: string[] = [];
  const unloaded: (string | undefined)[] = [];
  const w = await world({
    cancelWorkerPolls: async ({ queue, workerInstanceKey }) => {
      if (queue?.partition === 1) throw unavailable('moving');
      ended.push(`${workerInstanceKey} ${queue?.type}/${queue?.partition}`);
      return {};
    },
    unloadStickyQueue: async ({ queue }) => {
      unloaded.push(queue?.name);
      return {};
    },
  });
  const request = { namespace: 'default', workerInstanceKey: 'key', taskQueue: 'q', stickyTaskQueue: 'mine' };
  await w.call('ShutdownWorker', { ...request, taskQueueTypes: [3] });
  assert.deepEqual(ended.toSorted(), ['key 3/0', 'key 3/2', 'key 3/3']);
  assert.deepEqual(unloaded, ['mine']);
  ended.length = 0;
  await w.call('ShutdownWorker', request);
  assert.deepEqual(ended.length, 6, 'workflow and activity polls, unless told');
  await w.call('ShutdownWorker', { namespace: 'default', stickyTaskQueue: '' });
  assert.equal(unloaded.length, 2);
});

test('an answer is asked of the partition that made the offer, and says how many pollers would do', async () => {
  const resolved: (number | undefined)[] = [];
  const w = await FrontendWorld.start(
    {
      matching: {
        pollTask: async () => ({
          task: { offerId: 'offer', task: undefined, syncMatch: true },
          query: undefined,
          backlogCountHint: 0,
          partition: 2,
          pollerDelta: -1,
          ended: false,
        }),
        resolveOffers: async ({ queue }) => {
          resolved.push(queue?.partition);
          return {};
        },
      },
      history: {
        recordActivityTaskStarted: async () => ({ verdict: 1, pollResponse: new Uint8Array() }),
      },
    },
    { partitionsOf: four },
  );
  const poll = await w.call('PollActivityTaskQueue', { namespace: 'default', taskQueue: { name: 'q' } });
  assert.equal(poll.pollerScalingDecision?.pollRequestDeltaSuggestion, -1);
  assert.deepEqual(resolved, [2]);
});

test('a poll of a worker that is shutting down ends at once and is not made again', async () => {
  let polls = 0;
  const w = await world({
    pollTask: async () => {
      polls += 1;
      const nothing = { task: undefined, query: undefined, backlogCountHint: 0, partition: 0, pollerDelta: 0 };
      return { ...nothing, ended: true };
    },
  });
  const startedMs = w.clock.now();
  const poll = await w.call('PollNexusTaskQueue', { namespace: 'default', taskQueue: { name: 'q' } });
  assert.deepEqual([poll.taskToken?.length, polls, w.clock.now() - startedMs], [0, 1, 0]);
});

for (const { what, error, outcome } of [
  { what: 'is dropped when its run is gone', error: notFound('gone'), outcome: OfferOutcome.OFFER_OUTCOME_DROPPED },
  { what: 'is dropped when history fails at it', error: internal('oops'), outcome: OfferOutcome.OFFER_OUTCOME_DROPPED },
  {
    what: 'is given back when its run is busy, and the poll goes on',
    error: resourceExhausted('busy', 5, 1),
    outcome: OfferOutcome.OFFER_OUTCOME_RETURNED,
  },
]) {
  test(`a task that cannot be started ${what}`, async () => {
    const outcomes: number[] = [];
    let polls = 0;
    const w = await FrontendWorld.start({
      matching: {
        pollTask: async () => {
          polls += 1;
          const isFirst = polls === 1;
          const offer = { task: { offerId: 'offer', task: undefined, syncMatch: true }, query: undefined };
          return PollTaskReply.create(isFirst ? offer : { ended: true });
        },
        resolveOffers: async ({ answers }) => {
          outcomes.push(...answers.map((answer) => answer.outcome));
          return {};
        },
      },
      history: { recordActivityTaskStarted: async () => Promise.reject(error) },
    });
    const poll = await w.call('PollActivityTaskQueue', { namespace: 'default', taskQueue: { name: 'q' } });
    assert.deepEqual([poll.taskToken?.length, outcomes], [0, [outcome]]);
  });
}
