import { setTimeout as pause } from 'node:timers/promises';
import type { TcpProxy } from '../../support/tcp-proxy.ts';
import type { Network } from '../stages.ts';
import type { Mishap, Scene } from './mishap.ts';

/** Which wires, by the name under which they are told. */
const wires = {
  'the database': ({ database }: Network) => [database],
  'one broker': ({ brokers }: Network, { dice }: Scene) => [dice.pick(brokers)],
  'all brokers': ({ brokers }: Network) => brokers,
} satisfies Record<string, (network: Network, scene: Scene) => readonly TcpProxy[]>;

type Wires = keyof typeof wires;
const LATENCY_MS = { 'the database': 60, 'one broker': 150, 'all brokers': 60 } satisfies Record<Wires, number>;
/** Connections live this long at most while they are cut. */
const CUT_EVERY_MS = 700;

interface Ends {
  readonly begin: (proxy: TcpProxy, to: Wires) => void;
  readonly end: (proxy: TcpProxy) => void;
}

const onWires = (name: string, to: Wires, { begin, end }: Ends): Mishap => ({
  name: `${name} ${to}`,
  stage: 'network',
  recovers: 'from the end',
  async strike(scene) {
    const proxies = wires[to](scene.stage.network, scene);
    scene.say(`${name} ${to} for ${scene.outageMs / 1000} s`);
    for (const proxy of proxies) begin(proxy, to);
    await pause(scene.outageMs);
    for (const proxy of proxies) end(proxy);
    scene.say('the network is as it was');
  },
});

const latency: Ends = { begin: (proxy, to) => proxy.delay(LATENCY_MS[to]), end: (proxy) => proxy.delay(0) };
/** Accepted and silent; what was sent arrives late. */
const blackHole: Ends = { begin: (proxy) => proxy.hold(), end: (proxy) => proxy.release() };

const cut = (to: Wires): Mishap => ({
  name: `connections are cut again and again to ${to}`,
  stage: 'network',
  recovers: 'from the end',
  async strike(scene) {
    const proxies = wires[to](scene.stage.network, scene);
    const until = performance.now() + scene.outageMs;
    while (performance.now() < until) {
      scene.say(`all connections to ${to} are cut`);
      for (const proxy of proxies) proxy.cut();
      await pause(CUT_EVERY_MS * scene.dice.random.next());
    }
  },
});

const all = Object.keys(wires) as readonly Wires[];
export const networkMishaps: readonly Mishap[] = [
  ...all.map((to) => onWires('latency to', to, latency)),
  ...all.map((to) => onWires('nothing comes through to', to, blackHole)),
  ...all.map(cut),
];
