import { setTimeout as pause } from 'node:timers/promises';
import type { NatsServer } from '../../support/nats-server.ts';
import type { Mishap, Scene } from './mishap.ts';

type Count = 1 | 2 | 3;
const nameOf = (count: Count): string =>
  ({ 1: 'one of three brokers is', 2: 'two of three brokers are', 3: 'all brokers are' })[count];

function drawn({ stage, dice }: Scene, count: Count): readonly NatsServer[] {
  const { nodes } = stage.cluster.brokers;
  const first = dice.below(nodes.length);
  return [...nodes.slice(first), ...nodes.slice(0, first)].slice(0, count);
}

/** `kill -9`, and later all of them at once on the same ports. */
const dead = (count: Count): Mishap => ({
  name: `${nameOf(count)} dead`,
  stage: 'plain',
  recovers: count === 3 ? 'from the end' : 'from the strike',
  async strike(scene) {
    const victims = drawn(scene, count);
    scene.say(`kill -9 of ${count} brokers for ${scene.outageMs / 1000} s`);
    await Promise.all(victims.map((broker) => broker.kill('SIGKILL')));
    await pause(scene.outageMs);
    await Promise.all(victims.map((broker) => broker.restart()));
    scene.say('all brokers are up');
  },
});

/** They accept what is sent and never answer. */
const paused = (count: Count): Mishap => ({
  name: `${nameOf(count)} paused`,
  stage: 'plain',
  recovers: 'from the end',
  async strike(scene) {
    const victims = drawn(scene, count);
    scene.say(`SIGSTOP of ${count} brokers for ${scene.outageMs / 1000} s`);
    for (const broker of victims) await broker.kill('SIGSTOP');
    await pause(scene.outageMs);
    for (const broker of victims) await broker.kill('SIGCONT');
    scene.say('SIGCONT of the brokers');
  },
});

/** It tells its clients to go elsewhere, and ends. */
const lameDuck: Mishap = {
  name: 'a broker is taken out of service',
  stage: 'plain',
  recovers: 'from the strike',
  async strike(scene) {
    const [victim] = drawn(scene, 1);
    scene.say('lame duck mode of a broker');
    await victim?.kill('SIGUSR2');
    await pause(scene.outageMs);
    await victim?.restart();
    scene.say('the broker is back');
  },
};

export const allBrokersDead = dead(3);
export const brokerMishaps: readonly Mishap[] = [
  dead(1),
  dead(2),
  allBrokersDead,
  paused(1),
  paused(2),
  paused(3),
  lameDuck,
];
