import type { Cluster } from '../../support/cluster.ts';
import type { ServerProcess } from '../../support/server-process.ts';
import { last, type Mishap, type Scene } from './mishap.ts';

type Group = 'frontends' | 'history' | 'matching' | 'workers';
const groups: readonly Group[] = ['frontends', 'history', 'matching', 'workers'];

const oneOf = ({ cluster, dice }: Scene, group: Group): ServerProcess => dice.pick(cluster[group]);

/** `kill -9`; it is started again when the others have had the time to take over. */
const killed = (group: Group): Mishap => ({
  name: `a ${nameOf(group)} process is killed`,
  recovers: 'from the strike',
  async strike(scene) {
    const victim = oneOf(scene, group);
    scene.say(`kill -9 ${victim.name}`);
    await victim.kill('SIGKILL');
    await last(scene.outageMs);
    await victim.start();
    scene.say(`${victim.name} is up again`);
  },
});

/** SIGSTOP and SIGCONT: it has noticed nothing, while the others have given it up or not. */
const paused = (group: Group): Mishap => ({
  name: `a ${nameOf(group)} process is paused`,
  recovers: 'from the end',
  async strike(scene) {
    const victim = oneOf(scene, group);
    scene.say(`SIGSTOP ${victim.name}`);
    await victim.pause();
    await last(scene.outageMs);
    victim.resume();
    scene.say(`SIGCONT ${victim.name}`);
  },
});

const nameOf = (group: Group): string => group.replace(/s$/, '');

/** All processes, one after the other, as a new version is rolled out: each is ready before the next one stops. */
export const rollingRestart: Mishap = {
  name: 'all processes are restarted one after the other',
  recovers: 'from the strike',
  async strike({ cluster, say }) {
    for (const server of rolledOut(cluster)) {
      say(`SIGTERM ${server.name}`);
      await server.restart('SIGTERM');
    }
  },
};

const rolledOut = ({ history, matching, workers, frontends }: Cluster): readonly ServerProcess[] => [
  ...history,
  ...matching,
  ...workers,
  ...frontends,
];

export const allCrash: Mishap = {
  name: 'all processes are killed at once',
  recovers: 'from the end',
  async strike({ cluster, say }) {
    say('kill -9 of all processes');
    await cluster.crash();
  },
};

export const processMishaps: readonly Mishap[] = [...groups.map(killed), ...groups.map(paused), allCrash];
