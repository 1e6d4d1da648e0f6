// npm run bench:store [-- sqlite postgres …]: transitions a second and Node CPU per transition, with the log synced. For a
// database server also what it costs to send one statement for each transition.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type ExecutionKey,
  type ExecutionWrite,
  type Lease,
  openStore,
  type RunWrite,
  type Store,
} from '@duramesh/persistence';
import type { Logger } from '@duramesh/runtime';
import { systemClock } from '@duramesh/runtime/system';
import { type BenchDatabase, benchDatabases } from './database.ts';
import { oneStatementEach } from './one-statement-each.ts';

const SHARDS = 64;
const RUNS = 2_000;
/** By how many callers at once. */
const TRANSITIONS = new Map([
  [1, 2_000],
  [16, 10_000],
  [64, 40_000],
  [256, 60_000],
]);
const BASELINE_CALLERS = 64;
const BASELINE_TRANSITIONS = 15_000;

const print = (value: unknown): void => console.log(value);
const silent: Logger = { debug() {}, info() {}, warn() {}, error: (fields) => print(fields), child: () => silent };

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

interface Calls {
  readonly callers: number;
  readonly transitions: number;
  /** What is known of the runs, which are all at version 1 at first. */
  readonly versions: Map<number, number>;
  readonly commit: (write: ExecutionWrite) => Promise<string>;
}

/** Each caller commits transitions of its own runs, one after the other. */
async function transitions(
  leases: readonly Lease[],
  { callers, transitions: count, versions, commit }: Calls,
): Promise<void> {
  let left = count;
  const caller = async (first: number): Promise<void> => {
    for (let run = first; left > 0; run = run + callers < RUNS ? run + callers : first) {
      left -= 1;
      const version = versions.get(run) ?? 1;
      const lease = leases[run % SHARDS];
      if (lease === undefined) throw new Error('no lease');
      const result = await commit({ lease, runs: [transition(run, version)], current: undefined });
      if (result !== 'committed') throw new Error(result);
      versions.set(run, version + 1);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, i) => caller(i)));
}

interface Measured {
  readonly name: string;
  readonly count: number;
  readonly store: Store;
  readonly database: BenchDatabase | undefined;
}

async function measure({ name, count, store, database }: Measured, run: () => Promise<void>): Promise<void> {
  const { commits } = store.stats;
  const before = await database?.usage();
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await run();
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const after = await database?.usage();
  const parts = [
    `${Math.round(count / seconds)} per s`.padStart(14),
    `${((user + system) / count).toFixed(1)} µs Node CPU each`,
    `${(count / Math.max(1, store.stats.commits - commits)).toFixed(1)} in a commit`,
  ];
  if (before !== undefined && after !== undefined) {
    parts.push(`database ${(((after.cpuMs - before.cpuMs) * 1000) / count).toFixed(0)} µs CPU`);
    if (after.logBytes !== undefined && before.logBytes !== undefined) {
      parts.push(`${Math.round((after.logBytes - before.logBytes) / count)} bytes of log each`);
    }
  }
  print(`${name.padEnd(34)}${parts.join(', ')}`);
}

async function benchStore(name: string, url: string, database: BenchDatabase | undefined): Promise<void> {
  const store = await openStore(url, { clock: systemClock, logger: silent });
  const partitions = Array.from({ length: SHARDS }, (_, i) => i);
  const leases = await store.leases.acquire('history', partitions, 'bench');
  await measure({ name: `${name}: starts, ${RUNS} at once`, count: RUNS, store, database }, () =>
    create(store, leases),
  );
  const versions = new Map<number, number>();
  // Statements are planned anew a few times, and code is compiled: that is not what is measured.
  const warmUp = { callers: 64, transitions: 4_000, versions };
  const commit = (write: ExecutionWrite): Promise<string> => store.executions.commit(write);
  await transitions(leases, { ...warmUp, commit });
  if (name === 'postgres') {
    await using baseline = oneStatementEach(url);
    const each = { versions, commit: (write: ExecutionWrite) => baseline.commit(write) };
    await transitions(leases, { callers: BASELINE_CALLERS, transitions: 1_000, ...each });
    const measured = {
      name: `${name}: a statement each, ${BASELINE_CALLERS}`,
      count: BASELINE_TRANSITIONS,
      store,
      database,
    };
    await measure(measured, () =>
      transitions(leases, { callers: BASELINE_CALLERS, transitions: BASELINE_TRANSITIONS, ...each }),
    );
  }
  for (const [callers, count] of TRANSITIONS) {
    await measure({ name: `${name}: grouped, ${callers} callers`, count, store, database }, () =>
      transitions(leases, { callers, transitions: count, versions, commit }),
    );
  }
  await store.close();
}

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : ['sqlite', ...Object.keys(benchDatabases)]) {
  if (name === 'sqlite') {
    const folder = mkdtempSync(path.join(tmpdir(), 'commit-bench-'));
    await benchStore(name, `sqlite:${path.join(folder, 'bench.db')}`, undefined);
    rmSync(folder, { recursive: true });
    continue;
  }
  const start = benchDatabases[name];
  if (start === undefined) throw new RangeError(`there is no store ${name}`);
  await using database = await start();
  await benchStore(name, database.url, database);
}
