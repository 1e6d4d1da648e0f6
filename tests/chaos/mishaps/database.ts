import type { Mishap } from './mishap.ts';

/** With a recovery from its log, in which nothing that was committed may be missing. */
const killed: Mishap = {
  name: 'the database is killed and started again',
  recovers: 'from the end',
  async strike({ cluster, say }) {
    say('kill -9 of the database');
    await cluster.database.crash?.();
    say('the database is up');
  },
};

export const databaseMishaps: readonly Mishap[] = [killed];
