import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../../support/cluster.ts';
import type { ServerProcess } from '../../support/server-process.ts';
import type { Mishap, Scene } from './mishap.ts';

type Group = 'frontends' | 'history' | 'matching' | 'workers';
const groups: readonly Group[] = ['frontends', 'history', 'matching', 'workers'];
const nameOf = (group: Group): string => group.replace(/s$/, '');
const oneOf = ({ stage, dice }: Scene, group: Group): ServerProcess => dice.pick(stage.cluster[group]);

/** `kill -9`; it is started again when the others have had the time to take over. */
const killed = (group: Group): Mishap => ({
  name: `a ${nameOf(group)} process is killed`,
  stage: 'plain',
  recovers: 'from the strike',
  async strike(scene) {
    const victim = oneOf(scene, group);
    scene.say(`kill -9 ${victim.name}`);
    await victim.kill('SIGKILL');
    await pause(scene.outageMs);
    await victim.start();
    scene.say(`${victim.name} is up again`);
  },
});

/** SIGSTOP and SIGCONT: it has noticed nothing, whether the others have given it up or not. */
const paused = (group: Group): Mishap => ({
  name: `a ${nameOf(group)} process is paused`,
  stage: 'plain',
  recovers: 'from the end',
  async strike(scene) {
    const victim = oneOf(scene, group);
    scene.say(`SIGSTOP ${victim.name}`);
    await victim.pause();
    await pause(scene.outageMs);
    victim.resume();
    scene.say(`SIGCONT ${victim.name}`);
  },
});

export const allCrash: Mishap = {
  name: 'all processes are killed at once',
  stage: 'plain',
  recovers: 'from the end',
  async strike({ stage, say }) {
    say('kill -9 of all processes');
    await stage.cluster.crash();
  },
};

const rolledOut = ({ history, matching, workers, frontends }: Cluster): readonly ServerProcess[] => [
  ...history,
  ...matching,
  ...workers,
  ...frontends,
];

/** As a new version is rolled out: each is ready before the next one stops. */
export const rollingRestart: Mishap = {
  name: 'all processes are restarted one after the other',
  stage: 'plain',
  recovers: 'from the strike',
  async strike({ stage, say }) {
    for (const server of rolledOut(stage.cluster)) {
      say(`SIGTERM ${server.name}`);
      await server.restart('SIGTERM');
    }
  },
};

export const ownerKilled: Mishap = killed('history');
export const processMishaps: readonly Mishap[] = [
  ...groups.map((group) => (group === 'history' ? ownerKilled : killed(group))),
  ...groups.map(paused),
  allCrash,
];
