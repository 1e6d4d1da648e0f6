// Transitions a second and CPU per transition on a SQLite file: `node tests/bench/store-commits.ts [folder]`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Logger } from '@duramesh/runtime';
import { systemClock } from '@duramesh/runtime/system';
import type { ExecutionKey, Lease, RunWrite, Store } from '@duramesh/persistence';
import { openSqliteStore } from '@duramesh/persistence/sqlite';

const SHARDS = 64;
const RUNS = 2_000;
const TRANSITIONS = 20_000;

const silent: Logger = { debug() {}, info() {}, warn() {}, error: (fields) => print(fields), child: () => silent };
const print = (value: unknown): void => console.log(value);

const info = new Uint8Array(700).fill(7);
const history = new Uint8Array(420).fill(8);
const item = new Uint8Array(180).fill(9);

const keyOf = (run: number): ExecutionKey => ({
  namespaceId: '0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9',
  workflowId: `order-${run}`,
  runId: `${(run * 2654435761).toString(16).padStart(12, '0')}-4f50-4617-8293-a4b5c6d7e8f9`,
});

function transition(run: number, version: number): RunWrite {
  const isOdd = version % 2 === 1;
  return {
    key: keyOf(run),
    expectedVersion: version,
    info,
    upserts: isOdd ? [{ kind: 1, key: '5', data: item }] : [],
    deletes: isOdd || version === 0 ? [] : [{ kind: 1, key: '5' }],
    history: [{ firstEventId: version * 3 + 1, lastEventId: version * 3 + 3, data: history }],
    wakeAtMs: 1_800_000_000_000 + run * 1000 + version,
    outstanding: isOdd,
    visibility: undefined,
  };
}

async function create(store: Store, leases: readonly Lease[]): Promise<void> {
  const lives = Array.from({ length: RUNS }, async (_, run) => {
    const { namespaceId, workflowId, runId } = keyOf(run);
    const lease = leases[run % SHARDS];
    if (lease === undefined) throw new Error('no lease');
    const visibility = {
      ...keyOf(run),
      workflowType: 'Order',
      taskQueue: 'orders',
      status: 1,
      startTimeMs: 1_800_000_000_000 + run,
      executionTimeMs: 1_800_000_000_000 + run,
      closeTimeMs: undefined,
      historyLength: 2,
      historySizeBytes: 420,
      stateTransitionCount: 1,
      parentWorkflowId: '',
      parentRunId: '',
      rootWorkflowId: workflowId,
      rootRunId: runId,
      memo: undefined,
      searchAttributes: new Map(),
      encodedSearchAttributes: undefined,
    };
    const current = { namespaceId, workflowId, expectedRunId: undefined, runId };
    await store.executions.commit({ lease, runs: [{ ...transition(run, 0), visibility }], current });
  });
  await Promise.all(lives);
}

/** Each of `concurrent` callers commits transitions of its own runs, one after the other. */
async function transitions(store: Store, leases: readonly Lease[], concurrent: number): Promise<void> {
  const versions = new Map<number, number>();
  let left = TRANSITIONS;
  const caller = async (first: number): Promise<void> => {
    for (let run = first; left > 0; run = (run + concurrent) % RUNS) {
      left -= 1;
      const version = versions.get(run) ?? 1;
      const lease = leases[run % SHARDS];
      if (lease === undefined) throw new Error('no lease');
      const result = await store.executions.commit({ lease, runs: [transition(run, version)], current: undefined });
      if (result !== 'committed') throw new Error(result);
      versions.set(run, version + 1);
    }
  };
  await Promise.all(Array.from({ length: concurrent }, (_, i) => caller(i)));
}

async function measure(name: string, store: Store, run: () => Promise<number>): Promise<void> {
  const { commits, statements } = store.stats;
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const count = await run();
  const seconds = (performance.now() - startedAt) / 1000;
  const used = process.cpuUsage(cpu);
  print(
    `${name.padEnd(16)} ${Math.round(count / seconds)} per s, CPU ${((used.user + used.system) / count).toFixed(1)} µs each ` +
      `(${(used.user / count).toFixed(1)} user), ${store.stats.commits - commits} commits, ` +
      `${((store.stats.statements - statements) / count).toFixed(1)} statements each`,
  );
}

for (const concurrent of [1, 16, 64]) {
  const folder = mkdtempSync(path.join(process.argv[2] ?? tmpdir(), 'commit-bench-'));
  const store = openSqliteStore({ path: path.join(folder, 'bench.db'), clock: systemClock, logger: silent });
  const partitions = Array.from({ length: SHARDS }, (_, i) => i);
  const leases = await store.leases.acquire('history', partitions, 'bench');
  await measure(`start, 512`, store, async () => {
    await create(store, leases);
    return RUNS;
  });
  await measure(`transition, ${concurrent}`, store, async () => {
    await transitions(store, leases, concurrent);
    return TRANSITIONS;
  });
  await store.close();
  rmSync(folder, { recursive: true });
}
