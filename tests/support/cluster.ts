import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createWithSchema, type DatabaseName, startDatabase, type TestDatabase } from './databases.ts';
import { freePortBlock } from './free-ports.ts';
import { type NatsCluster, startNatsCluster } from './nats-cluster.ts';
import { Deployment, MEMBERSHIP_OFFSET, METRICS_OFFSET, portOffsets, ServerProcess } from './server-process.ts';
import { startTcpBalancer, type TcpBalancer } from './tcp-balancer.ts';

type Service = keyof typeof portOffsets;

/** Apart far enough that no two processes share a port. */
const PORT_STEP = 10;

export interface ClusterOptions {
  /** Processes of each service: 2, 3, 2 and 1 when left out. */
  readonly frontends?: number;
  readonly history?: number;
  readonly matching?: number;
  readonly workers?: number;
  /** Three when left out. */
  readonly brokers?: number;
  /** PostgreSQL when left out. */
  readonly store?: DatabaseName;
  /** For every process. */
  readonly flags?: readonly string[];
  /** Variables of a process, by its name, such as `history-2`: e.g. `LD_PRELOAD`. */
  readonly env?: (name: string) => NodeJS.ProcessEnv;
  /** Where the program of all processes is at first. */
  readonly checkout?: string;
  /** Opens a proxy in front of the server on this port and tells its port: processes hear of that one only. */
  readonly via?: {
    readonly database?: (port: number) => Promise<number>;
    readonly broker?: (port: number) => Promise<number>;
  };
  /** Where SDKs connect; any free port when left out. */
  readonly port?: number;
}

/** Brokers, a database, and several processes of each service behind one address. */
export class Cluster extends Deployment {
  readonly brokers: NatsCluster;
  readonly database: TestDatabase;
  readonly frontends: readonly ServerProcess[];
  readonly history: readonly ServerProcess[];
  readonly matching: readonly ServerProcess[];
  readonly workers: readonly ServerProcess[];
  readonly #front: TcpBalancer;

  constructor(parts: ClusterParts) {
    const { processes, front, databaseUrl, data } = parts;
    const all = (Object.keys(portOffsets) as Service[]).flatMap((service) => processes[service]);
    super('a cluster', { port: front.port, data, databaseUrl, processes: all });
    this.brokers = parts.brokers;
    this.database = parts.database;
    this.frontends = processes.frontend;
    this.history = processes.history;
    this.matching = processes.matching;
    this.workers = processes.worker;
    this.#front = front;
  }

  override get metricsUrl(): string {
    return this.frontends[0]?.metricsUrl ?? '';
  }

  /** By its name, such as `matching-1`. */
  process(name: string): ServerProcess {
    const found = this.processes.find((it) => it.name === name);
    if (found === undefined) throw new RangeError(`no process of the cluster is called ${name}`);
    return found;
  }

  /** All at once, as a power supply does it. */
  async start(): Promise<void> {
    await Promise.all(this.processes.map((server) => server.start()));
  }

  override async crash(): Promise<void> {
    await Promise.all(this.processes.map((server) => server.kill('SIGKILL')));
    await this.start();
  }

  /** Whom SDKs see first, then those that it calls, then what they stand on. */
  override async stop(): Promise<void> {
    const steps = [
      ...[this.frontends, this.workers, this.history, this.matching].map(
        (processes) => () => Promise.all(processes.map((server) => server.stop())),
      ),
      () => this.#front.close(),
      () => super.stop(),
      () => this.brokers.stop(),
      () => this.database.stop(),
    ];
    const failures: unknown[] = [];
    for (const step of steps) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, 'the cluster did not stop in order');
  }
}

interface ClusterParts {
  readonly data: string;
  readonly databaseUrl: string;
  readonly brokers: NatsCluster;
  readonly database: TestDatabase;
  readonly front: TcpBalancer;
  readonly processes: Readonly<Record<Service, readonly ServerProcess[]>>;
}

/** Resolves when all processes are ready; rejects with nothing left behind. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { via } = options;
  await using undo = new AsyncDisposableStack();
  const brokers = undo.use(
    await startNatsCluster({ size: options.brokers ?? 3, ...(via?.broker && { behind: via.broker }) }),
  );
  const database = await startDatabase(options.store ?? 'postgres');
  undo.defer(() => database.stop());
  const databaseUrl = await createWithSchema(database);
  const data = await mkdtemp(path.join(os.tmpdir(), 'duramesh-cluster-'));
  undo.defer(() => rmSync(data, { recursive: true, force: true }));
  const db = via?.database ? await behind(databaseUrl, via.database) : databaseUrl;
  const processes = await processesOf(options, { nats: brokers.url, db });
  const ports = processes.frontend.map(({ address }) => Number(address.split(':').at(-1)));
  const front = await startTcpBalancer(ports, options.port);
  const cluster = new Cluster({ data, databaseUrl, brokers, database, front, processes });
  undo.move();
  try {
    await cluster.start();
    return cluster;
  } catch (error) {
    await cluster.stop().catch(() => undefined);
    throw error;
  }
}

async function behind(url: string, proxy: (port: number) => Promise<number>): Promise<string> {
  const address = new URL(url);
  address.port = String(await proxy(Number(address.port)));
  return address.href;
}

async function processesOf(
  { frontends = 2, history = 3, matching = 2, workers = 1, flags = [], env, checkout }: ClusterOptions,
  { nats, db }: { readonly nats: string; readonly db: string },
): Promise<ClusterParts['processes']> {
  const counts = { frontend: frontends, history, matching, worker: workers };
  const offsetOf = (service: Service, at: number): number => portOffsets[service] + PORT_STEP * at;
  const all = (Object.keys(counts) as Service[]).flatMap((service) =>
    Array.from({ length: counts[service] }, (_, at) => ({ service, at })),
  );
  const offsets = all.map(({ service, at }) => offsetOf(service, at));
  const base = await freePortBlock(
    offsets.flatMap((offset) => [offset, offset + METRICS_OFFSET, offset + MEMBERSHIP_OFFSET]),
  );
  const shared = ['--nats', nats, '--db', db, '--log-format', 'json', ...flags];
  const create = (service: Service): readonly ServerProcess[] =>
    all
      .filter((it) => it.service === service)
      .map(({ at }) => {
        const name = `${service}-${at + 1}`;
        return new ServerProcess({
          name,
          port: base + PORT_STEP * at,
          readyPort: base + offsetOf(service, at),
          flags: ['--services', service, '--node-name', name, ...shared],
          env: env?.(name) ?? {},
          checkout,
        });
      });
  return {
    frontend: create('frontend'),
    history: create('history'),
    matching: create('matching'),
    worker: create('worker'),
  };
}
