import assert from 'node:assert/strict';
import { after } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { assertClean, createWithSchema } from '../support/databases.ts';
import { type NatsServer, startNatsServer } from '../support/nats-server.ts';
import { startPair } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { aDatabaseServer, everyDatabase } from './every-database.ts';
import { isLong, seed } from './form.ts';
import { Load } from './load.ts';

const PAUSES = isLong ? 3 : 1;
const FINISHED_WITHIN_MS = 120_000;
/** A member that is not heard of for 15 s has lost what it owned. */
const LONGER_THAN_A_LEASE_MS = 18_000;

let broker: NatsServer | undefined;
after(() => broker?.stop());

// Processes that share SQLite share a machine, and mostly stop together: only the long form asks it of them.
const claim = isLong ? everyDatabase : aDatabaseServer;

claim({
  'an owner that is paused past its lease writes nothing when it wakes up, and nothing is lost': async ({
    database,
    t,
  }) => {
    t.diagnostic(`${PAUSES} pauses, seed ${seed}`);
    broker ??= await startNatsServer();
    const url = await createWithSchema(database);
    await using pair = await startPair({ nats: broker.url, db: url });
    const addresses = pair.processes.map(({ address }) => address);
    for (let round = 0; round < PAUSES; round++) {
      const shape = { workflows: 60, signals: 4, seed: seed + round, pauseMs: 4_000 };
      using load = new Load({ addresses, ...shape, withinMs: FINISHED_WITHIN_MS, log: () => pair.log });
      await until(() => load.done > load.total / 5, { what: 'the load is under way', withinMs: FINISHED_WITHIN_MS });
      const paused = pair.processes[round % 2];
      assert.ok(paused);
      process.kill(paused.pid, 'SIGSTOP');
      await pause(LONGER_THAN_A_LEASE_MS);
      process.kill(paused.pid, 'SIGCONT');
      await load.finished();
      assert.deepEqual(await load.check(), [], `after pause ${round + 1}`);
    }
    await assertClean(url);
  },
});
