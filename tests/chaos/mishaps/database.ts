import type { Mishap } from './mishap.ts';

/** It recovers from its log, in which nothing that was committed may be missing. */
const killed: Mishap = {
  name: 'the database is killed and started again',
  stage: 'plain',
  recovers: 'from the end',
  async strike({ stage, say }) {
    say('kill -9 of the database');
    await stage.cluster.database.crash?.();
    say('the database is up');
  },
};

export const databaseMishaps: readonly Mishap[] = [killed];
