import { setTimeout as pause } from 'node:timers/promises';
import type { Mishap } from './mishap.ts';

const STEP_SECONDS = 60;

/** A clock is set wrong, and later right again: each is a step. */
const stepped = (what: string, { all, seconds }: { readonly all: boolean; readonly seconds: number }): Mishap => ({
  name: `${what} ${seconds > 0 ? 'ahead' : 'back'} by a minute`,
  stage: 'clocks',
  recovers: 'from the strike',
  async strike({ stage, dice, outageMs, say }) {
    const { processes, history } = stage.cluster;
    const names = (all ? processes : [dice.pick(history)]).map(({ name }) => name);
    say(`the clocks of ${names.join(', ')} step by ${seconds} s`);
    for (const name of names) stage.clocks.set(name, seconds);
    await pause(outageMs);
    for (const name of names) stage.clocks.set(name, 0);
    say('all clocks are right');
    await pause(outageMs);
  },
});

export const clockMishaps: readonly Mishap[] = [STEP_SECONDS, -STEP_SECONDS].flatMap((seconds) => [
  stepped("an owner's clock steps", { all: false, seconds }),
  stepped('all clocks step', { all: true, seconds }),
]);
