import { must } from '@duramesh/runtime';
import { type Cluster, type ClusterOptions, startCluster } from '../support/cluster.ts';
import type { Deployment } from '../support/server-process.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

export type StageName = 'plain' | 'network';

/** The wires between processes and what they stand on. */
export interface Network {
  readonly database: TcpProxy;
  /** One in front of each broker. */
  readonly brokers: readonly TcpProxy[];
}

/** What mishaps happen to. */
export interface Stage extends AsyncDisposable {
  readonly name: StageName;
  readonly deployment: Deployment;
  /** The same, where it is one of many processes. */
  readonly cluster: Cluster;
  /** @throws when there is nothing between the processes */
  readonly network: Network;
}

/** How each stage is set up. Figures come from `plain`: there nothing stands between the processes. */
export const stages: Readonly<Record<StageName, () => Promise<Stage>>> = {
  plain: async () => stageOf('plain', await startCluster()),
  network: async () => {
    await using undo = new AsyncDisposableStack();
    const brokers: TcpProxy[] = [];
    const databases: TcpProxy[] = [];
    const into =
      (proxies: TcpProxy[]) =>
      async (port: number): Promise<number> => {
        const proxy = await startTcpProxy(port);
        undo.defer(() => proxy.close());
        proxies.push(proxy);
        return proxy.port;
      };
    const via: ClusterOptions['via'] = { broker: into(brokers), database: into(databases) };
    const cluster = await startCluster({ via });
    const database = must(databases[0], 'no proxy in front of the database');
    const close = undo.move();
    return stageOf('network', cluster, { network: { database, brokers }, close });
  },
};

interface Around {
  readonly network?: Network;
  /** What goes when the cluster has gone. */
  readonly close?: AsyncDisposable;
}

const stageOf = (name: StageName, cluster: Cluster, { network, close }: Around = {}): Stage => ({
  name,
  deployment: cluster,
  cluster,
  get network() {
    return must(network, `the stage ${name} has no proxies`);
  },
  async [Symbol.asyncDispose]() {
    await cluster.stop();
    await close?.[Symbol.asyncDispose]();
  },
});
