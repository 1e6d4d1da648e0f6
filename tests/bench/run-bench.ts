import { randomUUID } from 'node:crypto';
import type { BenchDatabase, DatabaseUsage } from './database.ts';
import { oneActivity } from './one-activity.ts';
import type { Scenario, ScenarioOptions } from './scenario.ts';
import { signal } from './signal.ts';
import { cpuMsOf, rssMbOf, scrape } from './server-usage.ts';
import { RawWorker } from './worker.ts';

export const scenarios = { 'one-activity': oneActivity, signal } satisfies Record<
  string,
  (options: ScenarioOptions) => Scenario
>;
export type ScenarioName = keyof typeof scenarios;

/** What is counted at the server, by the metric that counts it. */
export const counted = {
  commits: 'persistence_commits',
  statements: 'persistence_statements',
  rows: 'persistence_rows_written',
  bytes: 'persistence_bytes_written',
  reads: 'persistence_reads',
  busCalls: 'client_requests',
} as const;
export type Counted = keyof typeof counted;
const countedNames = Object.keys(counted) as readonly Counted[];

export interface BenchOptions {
  readonly address: string;
  readonly namespace: string;
  readonly scenario: ScenarioName;
  readonly concurrency: number;
  /** Operations measured; as many again as there are lanes, and some more, run before as a warm-up. */
  readonly workflows: number;
  readonly warmUp: number;
  readonly pollers: number;
  readonly withinMs: number;
  /** Each with a connection of its own; they share the pollers. One when left out. */
  readonly workers?: number | undefined;
  /** Of the server's processes, where their use of processor and memory is wanted. */
  readonly pids?: readonly number[] | undefined;
  readonly metricsUrls?: readonly string[] | undefined;
  readonly database?: BenchDatabase | undefined;
}

export interface BenchResult {
  readonly scenario: ScenarioName;
  readonly concurrency: number;
  readonly workflows: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number };
  readonly lost: number;
  readonly doubled: number;
  readonly generatorCpuMs: number;
  /** All per operation, but the memory. */
  readonly server: { readonly cpuMs: number; readonly rssMb: number } | undefined;
  readonly counts: Readonly<Record<Counted, number>> | undefined;
  readonly database: DatabaseUsage | undefined;
  readonly errors: Readonly<Record<string, number>>;
}

/** Loads a server from this one process, as client and worker, and measures it. */
export async function runBench(options: BenchOptions): Promise<BenchResult> {
  const { address, namespace, concurrency, workflows, warmUp } = options;
  const workerCount = options.workers ?? 1;
  const taskQueue = `bench-${randomUUID()}`;
  const scenario = scenarios[options.scenario]({ address, namespace, taskQueue });
  const pollers = Math.ceil(options.pollers / workerCount);
  const workers = Array.from(
    { length: workerCount },
    () => new RawWorker({ address, namespace, taskQueue, pollers, program: scenario.program }),
  );
  for (const worker of workers) worker.start();
  try {
    await runLanes(scenario, { concurrency, operations: warmUp, withinMs: options.withinMs });
    const before = await sample(options);
    const lanes = await runLanes(scenario, { concurrency, operations: workflows, withinMs: options.withinMs });
    const after = await sample(options);
    const errors = Object.fromEntries([...workers.flatMap(({ errors: own }) => [...own]), ...lanes.errors]);
    return { ...summary(options, lanes), ...difference(before, after, workflows), doubled: scenario.doubled(), errors };
  } finally {
    await scenario.close();
    for (const worker of workers) worker.stop();
  }
}

interface LanesOptions {
  readonly concurrency: number;
  readonly operations: number;
  readonly withinMs: number;
}

interface LanesResult {
  readonly latenciesMs: readonly number[];
  readonly lost: number;
  readonly elapsedMs: number;
  readonly errors: ReadonlyMap<string, number>;
}

async function runLanes(scenario: Scenario, options: LanesOptions): Promise<LanesResult> {
  const { concurrency, operations, withinMs } = options;
  const latenciesMs: number[] = [];
  const errors = new Map<string, number>();
  let begun = 0;
  let lost = 0;
  const startedAt = performance.now();
  const lane = async (index: number): Promise<void> => {
    while (begun < operations) {
      begun++;
      const at = performance.now();
      try {
        await scenario.run(at + withinMs, index);
        latenciesMs.push(performance.now() - at);
      } catch (error) {
        lost++;
        const text = error instanceof Error ? error.message : String(error);
        errors.set(text, (errors.get(text) ?? 0) + 1);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, (_, index) => lane(index)));
  return { latenciesMs, lost, elapsedMs: performance.now() - startedAt, errors };
}

interface Sample {
  readonly generatorCpuMs: number;
  readonly serverCpuMs: number | undefined;
  readonly rssMb: number | undefined;
  readonly metrics: ReadonlyMap<string, number> | undefined;
  readonly database: DatabaseUsage | undefined;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

async function sample({ pids = [], metricsUrls = [], database }: BenchOptions): Promise<Sample> {
  const metrics = new Map<string, number>();
  for (const url of metricsUrls) {
    for (const [name, value] of await scrape(url)) metrics.set(name, (metrics.get(name) ?? 0) + value);
  }
  const { user, system } = process.cpuUsage();
  return {
    generatorCpuMs: (user + system) / 1000,
    serverCpuMs: pids.length === 0 ? undefined : sum(pids.map(cpuMsOf)),
    rssMb: pids.length === 0 ? undefined : sum(pids.map(rssMbOf)),
    metrics: metricsUrls.length === 0 ? undefined : metrics,
    database: await database?.usage(),
  };
}

function difference(
  before: Sample,
  after: Sample,
  operations: number,
): Pick<BenchResult, 'generatorCpuMs' | 'server' | 'counts' | 'database'> {
  const { metrics } = after;
  const grown = (name: string): number => ((metrics?.get(name) ?? 0) - (before.metrics?.get(name) ?? 0)) / operations;
  const counts =
    metrics &&
    (Object.fromEntries(countedNames.map((name) => [name, grown(counted[name])])) as Record<Counted, number>);
  const cpuMs = ((after.serverCpuMs ?? 0) - (before.serverCpuMs ?? 0)) / operations;
  return {
    generatorCpuMs: (after.generatorCpuMs - before.generatorCpuMs) / operations,
    server: after.rssMb === undefined ? undefined : { cpuMs, rssMb: after.rssMb },
    counts,
    database: databaseDifference(before.database, after.database, operations),
  };
}

function databaseDifference(
  before: DatabaseUsage | undefined,
  after: DatabaseUsage | undefined,
  operations: number,
): DatabaseUsage | undefined {
  if (before === undefined || after === undefined) return undefined;
  return {
    cpuMs: (after.cpuMs - before.cpuMs) / operations,
    commits: (after.commits - before.commits) / operations,
    logBytes:
      after.logBytes === undefined || before.logBytes === undefined
        ? undefined
        : (after.logBytes - before.logBytes) / operations,
  };
}

type Summary = Pick<
  BenchResult,
  'scenario' | 'concurrency' | 'workflows' | 'seconds' | 'perSecond' | 'latencyMs' | 'lost'
>;

function summary({ scenario, concurrency, workflows }: BenchOptions, lanes: LanesResult): Summary {
  const sorted = lanes.latenciesMs.toSorted((a, b) => a - b);
  const quantile = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return {
    scenario,
    concurrency,
    workflows,
    seconds: lanes.elapsedMs / 1000,
    perSecond: (sorted.length * 1000) / lanes.elapsedMs,
    latencyMs: { p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99), max: sorted.at(-1) ?? 0 },
    lost: lanes.lost,
  };
}
