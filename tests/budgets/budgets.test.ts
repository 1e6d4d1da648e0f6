import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { counted, runBench } from '../bench/run-bench.ts';
import { cpuMsOf, rssMbOf, scrape } from '../bench/server-usage.ts';
import { type Deployment, startServer } from '../support/server-process.ts';
import budgets from './budgets.json' with { type: 'json' };

/** Figures are committed and only fall. What is counted at concurrency may vary by this share from run to run. */
const TOLERANCE = 0.1;
/** Twice the time between heartbeats, which are the only questions of an idle server. */
const IDLE_WINDOW_MS = 10_000;
/** Times of a busy machine: these catch what is broken, the bench tells what is slow. */
const READY_LIMIT_MS = 5_000;
const IDLE_RSS_LIMIT_MB = 250;
const IDLE_CPU_LIMIT_PERCENT = 5;

suite('budgets of one process on SQLite', { timeout: 120_000 }, () => {
  let server: Deployment | undefined;
  const running = (): Deployment => {
    assert.ok(server, 'the server runs');
    return server;
  };
  before(async () => {
    server = await startServer({ flags: ['--log-level', 'warn'] });
  });
  after(() => server?.stop());

  test('an idle server asks its database next to nothing and costs next to nothing', async (t) => {
    const [{ pid, readyAfterMs } = { pid: 0, readyAfterMs: 0 }] = running().processes;
    // BEGIN and COMMIT are counted as statements, and ask nothing.
    const queries = async (): Promise<number> => {
      const metrics = await scrape(running().metricsUrl);
      return (metrics.get(counted.statements) ?? Number.NaN) - 2 * (metrics.get(counted.commits) ?? Number.NaN);
    };
    const [queriesBefore, cpuBefore] = [await queries(), cpuMsOf(pid)];
    await pause(IDLE_WINDOW_MS);
    const perSecond = (value: number): number => (value * 1000) / IDLE_WINDOW_MS;
    const [asked, cpuMs] = [perSecond((await queries()) - queriesBefore), perSecond(cpuMsOf(pid) - cpuBefore)];
    const rssMb = rssMbOf(pid);
    t.diagnostic(`ready after ${readyAfterMs.toFixed(0)} ms, ${rssMb.toFixed(0)} MB resident`);
    t.diagnostic(`idle: ${(cpuMs / 10).toFixed(2)} % CPU, ${asked.toFixed(2)} queries/s`);
    assert.ok(asked <= budgets.idle.queriesPerSecond, `${asked} queries a second`);
    assert.ok(readyAfterMs < READY_LIMIT_MS, `ready after ${readyAfterMs} ms`);
    assert.ok(rssMb < IDLE_RSS_LIMIT_MB, `${rssMb} MB resident`);
    assert.ok(cpuMs / 10 < IDLE_CPU_LIMIT_PERCENT, `${cpuMs / 10} % of a processor`);
  });

  for (const { concurrency, workflows, budget } of [
    { concurrency: 1, workflows: 100, budget: budgets['one-activity, 1 at once'] },
    { concurrency: 64, workflows: 1_280, budget: budgets['one-activity, 64 at once'] },
  ]) {
    test(`a one-activity workflow keeps to its budget at concurrency ${concurrency}`, async (t) => {
      const { counts, lost, doubled, errors } = await runBench({
        address: running().address,
        metricsUrls: [running().metricsUrl],
        namespace: 'default',
        scenario: 'one-activity',
        concurrency,
        workflows,
        warmUp: concurrency * 4,
        pollers: 10,
        withinMs: 30_000,
      });
      assert.deepEqual({ lost, doubled, errors }, { lost: 0, doubled: 0, errors: {} });
      for (const name of ['commits', 'statements', 'busCalls'] as const) {
        const figure = counts?.[name] ?? Number.NaN;
        t.diagnostic(`${name}: ${figure.toFixed(2)} of ${budget[name]}`);
        assert.ok(figure > 0, `${name} are not counted`);
        assert.ok(figure <= budget[name] * (1 + TOLERANCE), `${name}: ${figure.toFixed(2)}, committed ${budget[name]}`);
      }
    });
  }
});
