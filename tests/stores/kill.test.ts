import assert from 'node:assert/strict';
import { seededRandom } from '@duramesh/runtime';
import { assertClean, createWithSchema } from '../support/databases.ts';
import { startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { everyDatabase } from './every-database.ts';
import { isLong, seed } from './form.ts';
import { Load } from './load.ts';

const KILLS = isLong ? 10 : 1;
const WORKFLOWS = isLong ? 200 : 60;
/** Some databases take half a minute to start again on a busy machine. */
const FINISHED_WITHIN_MS = 180_000;

everyDatabase({
  'what was acknowledged outlives kill -9 in the middle of a load, once': async ({ database, t }) => {
    t.diagnostic(`${KILLS} kills under ${WORKFLOWS} open workflows, seed ${seed}`);
    const random = seededRandom(seed);
    const url = await createWithSchema(database);
    await using server = await startServer({ db: url });
    const crash = database.crash ?? ((): Promise<void> => server.crash());
    for (let kill = 0; kill < KILLS; kill++) {
      using load = new Load({
        addresses: [server.address],
        workflows: WORKFLOWS,
        signals: 4,
        seed: seed + kill,
        pauseMs: 300,
        withinMs: FINISHED_WITHIN_MS,
        log: () => server.log,
      });
      const share = 0.1 + 0.7 * random.next();
      const isThere = (): boolean => load.done > load.total * share;
      await until(isThere, { what: 'the load is under way', withinMs: FINISHED_WITHIN_MS });
      await crash();
      await load.finished();
      assert.deepEqual(await load.check(), [], `after kill ${kill + 1}`);
    }
    await assertClean(url);
  },
});
