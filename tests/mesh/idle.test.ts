import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { counted } from '../bench/run-bench.ts';
import { cpuMsOf, scrape } from '../bench/server-usage.ts';
import { databases } from '../sdk/databases.ts';
import { type NatsServer, startNatsServer } from '../support/nats-server.ts';
import { type Deployment, type ServerProcess, startFourProcesses, startPair } from '../support/server-process.ts';

const SHARDS = 4_096;
/** What a start leaves behind has come to rest. */
const SETTLED_AFTER_MS = 10_000;
/** Longer than the longest time between two heartbeats in the store. */
const WINDOW_MS = 30_000;
const QUERIES_PER_SECOND = 1;
const CPU_PERCENT = 1;

let broker: NatsServer | undefined;
after(() => broker?.stop());

interface Usage {
  readonly queries: number;
  readonly cpuMs: number;
}

async function usageOf({ pid, metricsUrl }: ServerProcess, isEmbedded: boolean): Promise<Usage> {
  const metrics = await scrape(metricsUrl);
  // BEGIN and COMMIT are counted as statements of an embedded database, and ask nothing.
  const own = isEmbedded ? 2 * (metrics.get(counted.commits) ?? Number.NaN) : 0;
  return { queries: (metrics.get(counted.statements) ?? Number.NaN) - own, cpuMs: cpuMsOf(pid) };
}

async function measure(t: TestContext, { processes, databaseUrl }: Deployment): Promise<void> {
  const isEmbedded = databaseUrl.startsWith('sqlite:');
  const look = (): Promise<Usage[]> => Promise.all(processes.map((server) => usageOf(server, isEmbedded)));
  await pause(SETTLED_AFTER_MS);
  const before = await look();
  await pause(WINDOW_MS);
  const usages = await look();
  const rates = usages.map(({ queries, cpuMs }, i) => ({
    perSecond: ((queries - (before[i]?.queries ?? 0)) * 1_000) / WINDOW_MS,
    cpuPercent: ((cpuMs - (before[i]?.cpuMs ?? 0)) * 100) / WINDOW_MS,
  }));
  for (const { perSecond, cpuPercent } of rates) {
    t.diagnostic(`${perSecond.toFixed(2)} queries/s, ${cpuPercent.toFixed(2)} % of a processor`);
  }
  for (const { perSecond, cpuPercent } of rates) {
    assert.ok(perSecond <= QUERIES_PER_SECOND, `${perSecond} queries/s`);
    assert.ok(cpuPercent < CPU_PERCENT, `${cpuPercent} %`);
  }
}

for (const { name, create } of databases) {
  const claims = [
    { what: 'four processes, one for each service', start: startFourProcesses },
    // A heartbeat in an embedded database is two statements, and no round trip.
    ...(name === 'sqlite' ? [] : [{ what: 'two processes with all services', start: startPair }]),
  ];
  for (const { what, start } of claims) {
    test(`4,096 shards without workflows cost ${what} over ${name} next to nothing`, async (t) => {
      broker ??= await startNatsServer();
      await using deployment = await start({ nats: broker.url, db: await create(), flags: ['--shards', `${SHARDS}`] });
      await measure(t, deployment);
    });
  }
}
