// npm run bench [-- --address HOST:PORT ...]: loads a server that speaks the Temporal API from one process, without an SDK.
// Without --address it starts a server of its own, on SQLite in a temporary folder or on a database server.
import { parseArgs } from 'node:util';
import { type BenchDatabase, benchDatabases } from './database.ts';
import { report } from './report.ts';
import { startBenchServer } from './server.ts';
import { type BenchOptions, type BenchResult, runBench, type ScenarioName, scenarios } from './run-bench.ts';

const { values } = parseArgs({
  options: {
    address: { type: 'string' },
    pid: { type: 'string' },
    metrics: { type: 'string' },
    namespace: { type: 'string', default: 'default' },
    scenario: { type: 'string', default: 'one-activity' },
    concurrency: { type: 'string', default: '64' },
    workflows: { type: 'string' },
    'warm-up': { type: 'string' },
    pollers: { type: 'string', default: '10' },
    within: { type: 'string', default: '30' },
    profile: { type: 'string' },
    store: { type: 'string' },
    processes: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const HELP = `npm run bench -- [options]
  --address HOST:PORT   the server to load; without it one is started on SQLite in a temporary folder
  --pid PID             of that server, on this machine: its processor time and memory are told
  --metrics URL         of that server: commits, statements and bytes are told
  --namespace NAME      default
  --scenario NAMES      ${Object.keys(scenarios).join(', ')}; several with commas
  --concurrency N,N     workflows at once, one run for each figure: 64
  --workflows N         measured in each run: 40 times the concurrency, 300 at least
  --warm-up N           run before and not measured, until most is compiled: 50 times the concurrency, 300 at least
  --pollers N           of each kind, a fifth of the workflow pollers on the normal queue: 10
  --within S            a workflow without a result after so long is lost: 30
  --profile DIR         where a server that is started leaves a CPU profile
  --store NAME          starts a database server too: ${Object.keys(benchDatabases).join(', ')}
  --processes N,N       processes of a server that is started, a run for each figure: 1, which needs no broker
  --json                one JSON object for each run`;

/** @returns a whole number above zero */
function number(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`--${name} must be a whole number, was ${text}`);
  return value;
}

function scenarioNames(text: string): readonly ScenarioName[] {
  return text.split(',').map((name) => {
    if (!(name in scenarios))
      throw new RangeError(`--scenario ${name}: there are ${Object.keys(scenarios).join(', ')}`);
    return name as ScenarioName;
  });
}

type Target = Pick<BenchOptions, 'address' | 'pids' | 'metricsUrls' | 'workers' | 'database'>;

async function runAll(target: Target): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = [];
  for (const scenario of scenarioNames(values.scenario)) {
    for (const text of values.concurrency.split(',')) {
      const concurrency = number('concurrency', text);
      const workflows = values.workflows ? number('workflows', values.workflows) : Math.max(300, concurrency * 40);
      const warmUp = values['warm-up'] ? number('warm-up', values['warm-up']) : Math.max(300, concurrency * 50);
      const result = await runBench({
        ...target,
        namespace: values.namespace,
        scenario,
        concurrency,
        workflows,
        warmUp,
        pollers: number('pollers', values.pollers),
        withinMs: number('within', values.within) * 1000,
      });
      console.log(values.json ? JSON.stringify(result) : report(result));
      results.push(result);
    }
  }
  return results;
}

async function main(): Promise<void> {
  if (values.help) return console.log(HELP);
  if (values.address !== undefined) {
    const pids = values.pid === undefined ? [] : [number('pid', values.pid)];
    return judge(
      await runAll({
        address: values.address,
        pids,
        metricsUrls: values.metrics === undefined ? [] : [values.metrics],
      }),
    );
  }
  for (const text of values.processes.split(',')) await benchProcesses(number('processes', text));
}

/** A server of so many processes, and a database of its own. */
async function benchProcesses(processes: number): Promise<void> {
  await using database = await startDatabase(values.store);
  const nodeFlags = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
  await using server = await startBenchServer({ processes, db: database?.url, nodeFlags });
  console.error(`${server.name} ready after ${server.readyAfterMs.toFixed(0)} ms`);
  const { address, pids, metricsUrls } = server;
  judge(await runAll({ address, pids, metricsUrls, workers: processes, database }));
  if (server.log !== '') console.error(server.log);
}

async function startDatabase(name: string | undefined): Promise<BenchDatabase | undefined> {
  if (name === undefined) return undefined;
  const start = benchDatabases[name];
  if (start === undefined) throw new RangeError(`--store ${name}: there are ${Object.keys(benchDatabases).join(', ')}`);
  return start();
}

function judge(results: readonly BenchResult[]): void {
  if (results.some(({ lost, doubled }) => lost + doubled > 0)) process.exitCode = 1;
}

await main();
