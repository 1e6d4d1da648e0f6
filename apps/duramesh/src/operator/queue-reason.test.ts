import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwaitedQueue, DescribePartitionReply, LevelStats, Reason } from '@duramesh/proto';
import { queueReason } from './queue-reason.ts';

const NOW = 1_000_000_000;
const reason = Reason.create({ code: 'WORKFLOW_TASK_SCHEDULED', text: 'It waits.', sinceMs: NOW - 5_000 });

const poller = (agoMs: number, version?: string) => ({
  identity: `worker-${agoMs}`,
  lastAccessTime: { seconds: Math.floor((NOW - agoMs) / 1_000) },
  ...(version !== undefined && { deploymentOptions: { deploymentName: 'pay', buildId: version } }),
});
const waiting = (backlogCount: number) => [LevelStats.create({ priorityKey: 3, backlogCount, backlogAgeMs: 61_000 })];

function told(queue: Partial<AwaitedQueue>, ...partitions: readonly Partial<DescribePartitionReply>[]): Reason {
  const of = { queue: AwaitedQueue.create({ name: 'q', type: 1, ...queue }) };
  return queueReason(reason, { ...of, partitions: partitions.map((it) => DescribePartitionReply.create(it)) }, NOW);
}

test('without a poll in the last minute there is no worker, and when the last one came is told', () => {
  assert.equal(told({}, {}).code, 'NO_POLLER');
  const { code, text } = told({}, { pollers: [poller(120_000)] });
  assert.deepEqual([code, text], ['NO_POLLER', 'It waits. No worker polls it, the last one 2 min ago.']);
});

test('a poll of any partition of the queue counts', () => {
  assert.equal(told({}, {}, { pollers: [poller(1_000)], waitingPolls: 1 }).code, 'HANDING_OVER');
});

test('a backlog is told with its size over all partitions and its age', () => {
  const { code, text } = told(
    {},
    { pollers: [poller(1_000)], levels: waiting(3) },
    { pollers: [poller(2_000)], levels: waiting(4) },
  );
  assert.equal(code, 'BACKLOG');
  assert.match(text, /7 tasks wait there, the oldest for 1 min 1 s; 2 workers poll\.$/);
});

test('a limit that held tasks back is told before the backlog it makes', () => {
  const { code, text } = told(
    {},
    {
      pollers: [poller(1_000)],
      levels: waiting(3),
      rateLimitingActive: true,
      requestsPerSecond: 2,
      rateLimitSource: 1,
    },
  );
  assert.equal(code, 'RATE_LIMITED');
  assert.match(text, /gives 2 tasks a second at most, a limit that an operator has set; 3 tasks wait\.$/);
});

test('workers of which none asks for a task just now are told as busy', () => {
  assert.equal(told({}, { pollers: [poller(9_000)] }).code, 'WORKERS_BUSY');
});

test('only workers of the version that a run is pinned to count', () => {
  const { code, text } = told({ workerVersion: 'pay.2' }, { pollers: [poller(1_000, '1')] });
  assert.equal(code, 'NO_POLLER');
  assert.match(text, /No worker of version pay\.2 polls it\.$/);
  assert.equal(told({ workerVersion: 'pay.2' }, { pollers: [poller(1_000, '2')] }).code, 'WORKERS_BUSY');
});

test('a sticky worker that is gone leaves the run to the others of its queue', () => {
  const { code, text } = told({ sticky: true, normalName: 'orders' }, {});
  assert.equal(code, 'STICKY_WORKER_GONE');
  assert.match(text, /another one of orders gets it next\.$/);
});
