import { freePortBlock } from './free-ports.ts';
import { type NatsServer, natsServerInfo, type NatsServerOptions, startNatsServer } from './nats-server.ts';
import { until } from './until.ts';

const ROUTED_WITHIN_MS = 10_000;

export interface NatsClusterOptions extends Pick<NatsServerOptions, 'env'> {
  /** Three when left out. */
  readonly size?: number;
  /** Further arguments of every nats-server. */
  readonly args?: readonly string[];
  /** `user:password` that the brokers ask of each other, when their configuration says so. */
  readonly routeLogin?: string;
  /** @returns the port of a proxy in front of a broker; clients hear of that one only */
  readonly behind?: (port: number) => Promise<number>;
}

/** Several brokers that pass on to each other what their clients listen to. */
export class NatsCluster implements AsyncDisposable {
  /** Each may be killed, stopped, restarted or sent into lame duck mode by itself. */
  readonly nodes: readonly NatsServer[];
  /** All brokers, as `--nats` takes them. */
  readonly url: string;

  constructor(nodes: readonly NatsServer[], ports: readonly number[]) {
    this.nodes = nodes;
    this.url = ports.map((port) => `nats://127.0.0.1:${port}`).join(',');
  }

  /** @throws RangeError when there is no such node */
  node(at: number): NatsServer {
    const node = this.nodes[at];
    if (node === undefined) throw new RangeError(`the cluster has ${this.nodes.length} brokers, none is number ${at}`);
    return node;
  }

  /** The broker with this address (`127.0.0.1:4222`), as a connection names it. */
  nodeAt(address: string): NatsServer | undefined {
    return this.nodes.find(({ url }) => url.endsWith(address));
  }

  async killAll(signal: NodeJS.Signals): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill(signal)));
  }

  async restartAll(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.restart()));
    await this.routed();
  }

  /** Resolves when every broker knows all others: from then on a subject served at one is known at all. */
  async routed(): Promise<void> {
    const knowsAll = async ({ port }: NatsServer): Promise<boolean> =>
      (await natsServerInfo(port))?.connect_urls?.length === this.nodes.length;
    const isRouted = async (): Promise<boolean> => (await Promise.all(this.nodes.map(knowsAll))).every(Boolean);
    await until(isRouted, { what: 'the brokers find each other', withinMs: ROUTED_WITHIN_MS });
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Resolves when the brokers know each other. */
export async function startNatsCluster(options: NatsClusterOptions = {}): Promise<NatsCluster> {
  const { size = 3, args = [], env, routeLogin, behind = async (port) => port } = options;
  const numbers = Array.from({ length: size }, (_, at) => at);
  const base = await freePortBlock(Array.from({ length: 2 * size }, (_, offset) => offset));
  const login = routeLogin === undefined ? '' : `${routeLogin}@`;
  const route = (at: number): string => `nats://${login}127.0.0.1:${base + size + at}`;
  const routes = numbers.map(route).join(',');
  const ports = await Promise.all(numbers.map((at) => behind(base + at)));
  const node = (at: number): Promise<NatsServer> => {
    const naming = ['--name', `nats-${at + 1}`, '--cluster_name', 'test'];
    const routing = ['--cluster', route(at), '--routes', routes];
    const told = ['--client_advertise', `127.0.0.1:${ports[at]}`];
    return startNatsServer({ port: base + at, args: [...naming, ...routing, ...told, ...args], ...(env && { env }) });
  };
  const started = await Promise.allSettled(numbers.map(node));
  const nodes = started.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const cluster = new NatsCluster(nodes, ports);
  try {
    for (const start of started) if (start.status === 'rejected') throw start.reason;
    await cluster.routed();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
