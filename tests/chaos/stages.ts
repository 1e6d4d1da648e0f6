import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { must } from '@duramesh/runtime';
import { ensureLibfaketime } from '../../scripts/libfaketime.ts';
import { type Checkout, checkOut } from '../support/checkout.ts';
import { type Cluster, type ClusterOptions, startCluster } from '../support/cluster.ts';
import { type Deployment, startServer } from '../support/server-process.ts';
import { makeSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

export type StageName = 'plain' | 'network' | 'clocks' | 'small disk' | 'old and new';

/** The wires between processes and what they stand on. */
export interface Network {
  readonly database: TcpProxy;
  /** One in front of each broker. */
  readonly brokers: readonly TcpProxy[];
}

/** The wall clocks of processes; what counts seconds for timers is left alone, as when a machine is set right. */
export interface Clocks {
  /** By the name of the process; noticed within a second. */
  set(name: string, offsetSeconds: number): void;
}

interface Around {
  /** What the processes are, where there are many. */
  readonly cluster?: Cluster;
  readonly network?: Network;
  readonly clocks?: Clocks;
  readonly disk?: SmallDisk;
  readonly old?: Checkout;
  /** What goes when the processes have gone. */
  readonly close?: AsyncDisposable;
}

/** What mishaps happen to. Each has what its name promises; to ask for more is an error. */
export class Stage implements AsyncDisposable {
  readonly name: StageName;
  readonly deployment: Deployment;
  readonly #around: Around;

  constructor(name: StageName, deployment: Deployment, around: Around) {
    this.name = name;
    this.deployment = deployment;
    this.#around = around;
  }

  get cluster(): Cluster {
    return this.#has('cluster');
  }

  get network(): Network {
    return this.#has('network');
  }

  get clocks(): Clocks {
    return this.#has('clocks');
  }

  get disk(): SmallDisk {
    return this.#has('disk');
  }

  get old(): Checkout {
    return this.#has('old');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.deployment.stop();
    await this.#around.close?.[Symbol.asyncDispose]();
  }

  #has<K extends keyof Around>(part: K): NonNullable<Around[K]> {
    return must(this.#around[part] ?? undefined, `the stage '${this.name}' has no ${part}`);
  }
}

export interface StageOptions {
  /** The commit that is older than this checkout. */
  readonly old: string;
}

/** How each is set up; rejects with NotInstalled where this machine cannot have it. Figures come from `plain`. */
export const stages: Readonly<Record<StageName, (options: StageOptions) => Promise<Stage>>> = {
  plain: async () => {
    const cluster = await startCluster();
    return new Stage('plain', cluster, { cluster });
  },
  network: withProxies,
  clocks: withClocks,
  'small disk': async () => {
    await using undo = new AsyncDisposableStack();
    const disk = makeSmallDisk(SMALL_DISK_MB);
    undo.defer(() => disk.remove());
    const server = await startServer({ db: `sqlite:${path.join(disk.folder, 'duramesh.sqlite')}` });
    return new Stage('small disk', server, { disk, close: undo.move() });
  },
  'old and new': async ({ old: commit }) => {
    await using undo = new AsyncDisposableStack();
    const old = checkOut(commit);
    undo.defer(() => old.remove());
    const cluster = await startCluster({ checkout: old.folder });
    return new Stage('old and new', cluster, { cluster, old, close: undo.move() });
  },
};

const SMALL_DISK_MB = 64;

async function withProxies(): Promise<Stage> {
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
  const database = must(databases[0], 'there is no proxy in front of the database');
  return new Stage('network', cluster, { cluster, network: { database, brokers }, close: undo.move() });
}

async function withClocks(): Promise<Stage> {
  const library = await ensureLibfaketime();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'duramesh-clocks-'));
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string): string => path.join(folder, name);
  const clocks: Clocks = { set: (name, offset) => writeFileSync(file(name), `${offset < 0 ? '' : '+'}${offset}\n`) };
  const env = (name: string): NodeJS.ProcessEnv => {
    clocks.set(name, 0);
    return {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file(name),
      FAKETIME_CACHE_DURATION: '1',
      DONT_FAKE_MONOTONIC: '1',
    };
  };
  const cluster = await startCluster({ env });
  return new Stage('clocks', cluster, { cluster, clocks, close: undo.move() });
}
