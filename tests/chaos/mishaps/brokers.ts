import type { NatsServer } from '../../support/nats-server.ts';
import { last, type Mishap, type Scene } from './mishap.ts';

const numbers = ['no', 'one', 'two', 'all'] as const;

/** `kill -9`, and later all of them at once on the same ports. */
const dead = (count: 1 | 2 | 3): Mishap => ({
  name: count === 3 ? 'all brokers are dead' : `${numbers[count]} of three brokers dead`,
  recovers: count === 3 ? 'from the end' : 'from the strike',
  async strike(scene) {
    const victims = drawn(scene, count);
    scene.say(`kill -9 of ${count} brokers for ${scene.outageMs / 1000} s`);
    await Promise.all(victims.map((broker) => broker.kill('SIGKILL')));
    await last(scene.outageMs);
    await Promise.all(victims.map((broker) => broker.restart()));
    await scene.cluster.brokers.routed();
    scene.say('all brokers are up');
  },
});

/** They accept what is sent and never answer. */
const paused = (count: 1 | 3): Mishap => ({
  name: count === 3 ? 'all brokers are paused' : 'one of three brokers is paused',
  recovers: 'from the end',
  async strike(scene) {
    const victims = drawn(scene, count);
    scene.say(`SIGSTOP of ${count} brokers for ${scene.outageMs / 1000} s`);
    for (const broker of victims) await broker.kill('SIGSTOP');
    await last(scene.outageMs);
    for (const broker of victims) await broker.kill('SIGCONT');
    scene.say('SIGCONT of the brokers');
  },
});

const lameDuck: Mishap = {
  name: 'a broker is taken out of service',
  recovers: 'from the strike',
  async strike(scene) {
    const [victim] = drawn(scene, 1);
    scene.say('lame duck mode of a broker');
    await victim?.kill('SIGUSR2');
    await last(scene.outageMs);
    await victim?.restart();
    await scene.cluster.brokers.routed();
  },
};

function drawn({ cluster, dice }: Scene, count: number): readonly NatsServer[] {
  const { nodes } = cluster.brokers;
  const first = dice.below(nodes.length);
  return nodes.map((_, at) => nodes[(first + at) % nodes.length]).flatMap((it, at) => (it && at < count ? [it] : []));
}

export const allBrokersDead = dead(3);
export const brokerMishaps: readonly Mishap[] = [dead(1), dead(2), allBrokersDead, paused(1), paused(3), lameDuck];
