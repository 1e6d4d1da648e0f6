import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, suite, test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { databases } from '../sdk/databases.ts';
import { gauge } from '../support/gauge.ts';
import { type NatsServer, startNatsServer } from '../support/nats-server.ts';
import { type Deployment, type ServerProcess, startPair } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const SHARDS = 1024;
const SHARE_WITHIN_MS = 60_000;
const LEAVE_WITHIN_MS = 1_000;
const CRASH_WITHIN_MS = 10_000;
/** Between two calls of the client that looks on. */
const EVERY_MS = 20;

let broker: NatsServer | undefined;
after(() => broker?.stop());

const owned = (server: ServerProcess): Promise<number> => gauge(server, 'numshards_gauge', { service: 'history' });

async function bothServe({ processes }: Deployment): Promise<void> {
  const isShared = async (): Promise<boolean> => {
    const counts = await Promise.all(processes.map(owned));
    return counts.every((count) => count > 0) && counts.reduce((a, b) => a + b) === SHARDS;
  };
  await until(isShared, { what: 'both serve their share', withinMs: SHARE_WITHIN_MS });
}

/** A client that starts workflows all the time, wherever their shard is just then. */
class Onlooker implements AsyncDisposable {
  readonly latencies: number[] = [];
  readonly errors: unknown[] = [];
  readonly #connection: Connection;
  readonly #running: Promise<void>;
  #isOver = false;

  private constructor(connection: Connection) {
    this.#connection = connection;
    this.#running = this.#run(new Client({ connection }));
  }

  static async at(address: string): Promise<Onlooker> {
    return new Onlooker(await Connection.connect({ address }));
  }

  get worstMs(): number {
    return Math.round(Math.max(...this.latencies));
  }

  async #run({ workflow }: Client): Promise<void> {
    const calls: Promise<void>[] = [];
    while (!this.#isOver) {
      const startedAt = performance.now();
      const call = workflow.start('unserved', { workflowId: randomUUID(), taskQueue: 'nobody' }).then(
        () => void this.latencies.push(performance.now() - startedAt),
        (error: unknown) => void this.errors.push(error),
      );
      calls.push(call);
      await pause(EVERY_MS);
    }
    await Promise.all(calls);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#connection.close();
  }
}

interface Measured {
  readonly what: string;
  readonly withinMs: number;
  /** Makes the second process go; resolves when it has been told. */
  readonly act: (server: ServerProcess) => Promise<void> | void;
}

/** How long until the first process serves everything, with a client that must not notice more than a delay. */
async function measure(t: TestContext, pair: Deployment, { what, withinMs, act }: Measured): Promise<void> {
  const [stays, goes] = pair.processes;
  assert.ok(stays && goes);
  await bothServe(pair);
  await using onlooker = await Onlooker.at(stays.address);
  await until(() => onlooker.latencies.length > 20, {
    what: 'the client is served',
    withinMs: SHARE_WITHIN_MS,
  });
  const before = await owned(stays);
  const startedAt = performance.now();
  const acted = act(goes);
  await until(async () => (await owned(stays)) === SHARDS, {
    what: 'the other one serves everything',
    withinMs: 30_000,
  });
  const tookMs = Math.round(performance.now() - startedAt);
  await acted;
  await onlooker.stop();
  t.diagnostic(`${what}: ${SHARDS - before} shards in ${tookMs} ms; slowest call ${onlooker.worstMs} ms`);
  assert.deepEqual(onlooker.errors, [], pair.log.slice(-5_000));
  assert.ok(tookMs < withinMs, `${tookMs} ms`);
}

for (const { name, create } of databases) {
  suite(`two processes over a broker and ${name}`, { concurrency: 1 }, () => {
    const open = async (): Promise<Deployment> => {
      broker ??= await startNatsServer();
      return startPair({ nats: broker.url, db: await create(), flags: ['--shards', String(SHARDS)] });
    };

    test('half of the shards change hands within a second when a process leaves, and no call fails', async (t) => {
      await using pair = await open();
      await measure(t, pair, { what: 'leave', withinMs: LEAVE_WITHIN_MS, act: (server) => server.kill('SIGTERM') });
    });

    test('half of the shards change hands within ten seconds when a process is killed, and no call fails', async (t) => {
      await using pair = await open();
      await measure(t, pair, { what: 'kill -9', withinMs: CRASH_WITHIN_MS, act: (server) => server.kill('SIGKILL') });
      await pair.processes[1]?.start();
      await bothServe(pair);
    });

    // A process that stands still in the middle of a transaction keeps the file of an embedded database locked.
    if (name === 'sqlite') return;

    test('half of the shards change hands within ten seconds when a process stands still, and no call fails', async (t) => {
      await using pair = await open();
      const [, stopped] = pair.processes;
      const act = ({ pid }: ServerProcess): void => void process.kill(pid, 'SIGSTOP');
      try {
        await measure(t, pair, { what: 'SIGSTOP', withinMs: CRASH_WITHIN_MS, act });
      } finally {
        if (stopped) process.kill(stopped.pid, 'SIGCONT');
      }
      await bothServe(pair);
    });
  });
}
