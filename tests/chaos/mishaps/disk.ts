import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import type { Mishap } from './mishap.ts';

const NOTICED_WITHIN_MS = 60_000;

export const fullDisk: Mishap = {
  name: 'the disk of the embedded store is full',
  stage: 'small disk',
  recovers: 'from the end',
  async strike({ stage, outageMs, say }) {
    const { deployment, disk } = stage;
    say('the disk is filled');
    disk.fill();
    // What is in its log already, it may write over.
    const says = (): boolean => deployment.log.includes('the disk is full');
    await until(says, { what: 'the server says that the disk is full', withinMs: NOTICED_WITHIN_MS });
    await pause(outageMs);
    disk.empty();
    say('there is space again');
  },
};
