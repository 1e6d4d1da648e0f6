import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '@duramesh/persistence/memory';
import { NamespaceRecord } from '@duramesh/proto';
import { type Logger, type Metrics, seededRandom } from '@duramesh/runtime';
import { VirtualClock } from '@duramesh/testkit';
import { RetentionSweeper } from './retention-sweeper.ts';

const HOUR_MS = 3_600_000;

interface ClosedRun {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly closeTimeMs: number;
}

/** Closed runs as visibility lists them and history removes them, and a sweeper over them. */
async function sweeping(retentions: Readonly<Record<string, number>>) {
  const clock = new VirtualClock();
  const { namespaces } = openMemoryStore({ clock });
  for (const [id, retentionMs] of Object.entries(retentions)) {
    await namespaces.create(NamespaceRecord.create({ id, name: id, retentionMs, version: 1 }));
  }
  const warnings: string[] = [];
  const logger: Logger = {
    debug() {},
    info() {},
    warn: (_fields, message) => void warnings.push(message),
    error: (_fields, message) => void warnings.push(message),
    child: () => logger,
  };
  const metrics: Metrics = {
    counter: () => ({ add() {} }),
    gauge: () => ({ set() {} }),
    histogram: () => ({ observe() {} }),
  };
  const runs = new Map<string, ClosedRun>();
  const broken = { removals: false, runs: new Set<string>() };
  const sweeper = new RetentionSweeper({
    namespaces,
    clock,
    logger,
    metrics,
    random: seededRandom(1),
    visibility: {
      listClosedBefore: async (namespaceId, untilMs, limit) =>
        [...runs.values()]
          .filter((run) => run.namespaceId === namespaceId && run.closeTimeMs <= untilMs)
          .slice(0, limit),
    },
    history: {
      deleteExpiredRun: async ({ runId }) => {
        if (broken.removals || broken.runs.has(runId)) throw new Error('shard unavailable');
        runs.delete(runId);
        return { traceparent: '' };
      },
    },
  });
  const close = (namespaceId: string, runId: string): void =>
    void runs.set(runId, { namespaceId, workflowId: `w-${runId}`, runId, closeTimeMs: clock.now() });
  return { clock, runs, close, sweeper, warnings, broken };
}

test('a closed run is removed once its retention is over, and not before', async () => {
  const { clock, runs, close, sweeper } = await sweeping({ brief: HOUR_MS, long: 24 * HOUR_MS });
  close('brief', 'a');
  close('long', 'b');
  sweeper.start();
  await clock.advance(HOUR_MS - 1);
  assert.deepEqual([...runs.keys()], ['a', 'b']);
  await clock.advance(HOUR_MS / 2);
  assert.deepEqual([...runs.keys()], ['b']);
  await clock.advance(24 * HOUR_MS);
  assert.equal(runs.size, 0);
});

test('one sweep removes more runs than a page holds', async () => {
  const { clock, runs, close, sweeper } = await sweeping({ n: 1 });
  for (let i = 0; i < 250; i++) close('n', `r${i}`);
  sweeper.start();
  await clock.advance(90_000);
  assert.equal(runs.size, 0);
});

test('a sweep that fails is reported and the next one finishes it', async () => {
  const { clock, runs, close, sweeper, warnings, broken } = await sweeping({ n: 1 });
  close('n', 'a');
  broken.removals = true;
  sweeper.start();
  await clock.advance(90_000);
  assert.deepEqual([runs.size, warnings.length], [1, 1]);
  broken.removals = false;
  await clock.advance(900_000);
  assert.equal(runs.size, 0);
});

test('a run that cannot be removed does not keep the others, of its namespace or the next', async () => {
  const { clock, runs, close, sweeper, broken } = await sweeping({ n: 1, other: 1 });
  for (let i = 0; i < 150; i++) close('n', `r${i}`);
  close('other', 'a');
  broken.runs.add('r0').add('r7');
  sweeper.start();
  await clock.advance(90_000);
  assert.deepEqual([...runs.keys()], ['r0', 'r7']);
});

test('a stopped sweeper leaves no timer behind', async () => {
  const { clock, runs, close, sweeper } = await sweeping({ n: 1 });
  sweeper.start();
  await clock.advance(HOUR_MS);
  await sweeper.stop();
  assert.equal(clock.pendingTimers, 0);
  close('n', 'late');
  await clock.advance(HOUR_MS);
  assert.equal(runs.size, 1);
});
