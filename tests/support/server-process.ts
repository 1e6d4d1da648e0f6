import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { freePortBlock } from './free-ports.ts';
import { isServing } from './grpc-health.ts';
import { haltProcesses } from './signals.ts';
import { until, within } from './until.ts';

const root = path.join(import.meta.dirname, '..', '..');
/** Eight processes that start at one time on a machine that does other work as well. */
const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 15_000;
const LOG_KEPT_CHARS = 200_000;

/** Where the services listen, counted from the frontend's port. */
export const portOffsets = { frontend: 0, history: 1, matching: 2, worker: 6 } as const;
/** A process shows its metrics this far above the port of its first service. */
export const METRICS_OFFSET = 1000;
/** So far apart are the ports of several processes behind one. */
export const PROCESS_STEP = 10;
/** The members of a service hear each other this far from its port. */
export const MEMBERSHIP_OFFSET = -300;
const allOffsets = Object.values(portOffsets).flatMap((offset) => [
  offset,
  offset + METRICS_OFFSET,
  offset + MEMBERSHIP_OFFSET,
]);

export interface ServerProcessOptions {
  /** How logs and tests call it. */
  readonly name?: string;
  /** Of the frontend; the other services' ports follow from it. */
  readonly port: number;
  /** Whose gRPC health tells that the process is ready. */
  readonly readyPort: number;
  readonly flags: readonly string[];
  /** Before the program, e.g. `--cpu-prof`. */
  readonly nodeFlags?: readonly string[];
  /** Variables beside those of the test itself, e.g. `LD_PRELOAD`. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Where the program is; this checkout when left out. */
  readonly checkout?: string | undefined;
}

/** They end with us, in whatever way we end. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** `duramesh start` as a child process: the real program, under the same Node as the test. */
export class ServerProcess implements AsyncDisposable {
  readonly #options: ServerProcessOptions;
  #checkout: string;
  #child: ChildProcess | undefined;
  #log = '';
  /** From the spawn to SERVING, of the latest start. */
  readyAfterMs = 0;

  constructor(options: ServerProcessOptions) {
    this.#options = options;
    this.#checkout = options.checkout ?? root;
  }

  get name(): string {
    return this.#options.name ?? 'the server';
  }

  get address(): string {
    return `127.0.0.1:${this.#options.port}`;
  }

  get metricsUrl(): string {
    return `http://127.0.0.1:${this.#options.readyPort + METRICS_OFFSET}/metrics`;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.name} does not run`);
    return pid;
  }

  /** What all starts have printed, the oldest cut off. */
  get log(): string {
    return this.#log;
  }

  async start(): Promise<void> {
    const { port, readyPort, flags, nodeFlags = [], env } = this.#options;
    const startedAt = performance.now();
    const args = [...nodeFlags, 'apps/duramesh/src/main.ts', 'start', '--port', String(port), ...flags];
    const child = spawn(process.execPath, args, {
      cwd: this.#checkout,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#log = (this.#log + text).slice(-LOG_KEPT_CHARS)));
    }
    const ready = async (): Promise<boolean> => !this.isRunning || (await isServing(`127.0.0.1:${readyPort}`));
    try {
      await until(ready, { what: `${this.name} is ready`, withinMs: READY_WITHIN_MS });
    } catch (cause) {
      await this.kill('SIGKILL');
      throw new Error(`${this.name} was not ready in time\n${this.#log}`, { cause });
    }
    if (!this.isRunning) throw new Error(`${this.name} ended with ${this.#endedWith()} at its start\n${this.#log}`);
    this.readyAfterMs = performance.now() - startedAt;
  }

  /** Sends a signal and waits until the process is gone, also when it stands still. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    child.kill('SIGCONT');
    await within(gone, { what: `${this.name} ends after ${signal}`, withinMs: STOPPED_WITHIN_MS });
  }

  /** Resolves when it stands still; its connections stay open. */
  async pause(): Promise<void> {
    await haltProcesses(this.pid);
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  /** Ends the server as an operator does; one that does not go is killed, and that is an error. */
  async stop(): Promise<void> {
    try {
      await this.kill('SIGTERM');
    } catch (cause) {
      await this.kill('SIGKILL');
      throw new Error(`${this.name} did not stop\n${this.#log.slice(-5_000)}`, { cause });
    }
  }

  /** Of the program that runs from the next start on. */
  moveTo(checkout: string = root): void {
    this.#checkout = checkout;
  }

  /** On the same ports and data; `signal` ends the running one first. */
  async restart(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.kill(signal);
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #endedWith(): string {
    return String(this.#child?.exitCode ?? this.#child?.signalCode);
  }
}

export interface StartServerOptions {
  /** URL of the database; an SQLite file of the server's own when left out. */
  readonly db?: string | undefined;
  readonly flags?: readonly string[];
  readonly nodeFlags?: readonly string[];
  /** Beside that of the test. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** One process with all four services. */
export async function startServer(options: StartServerOptions = {}): Promise<Deployment> {
  const { db, flags = [], nodeFlags = [], env } = options;
  const data = await temporaryFolder();
  const port = await freePortBlock(allOffsets);
  const databaseUrl = db ?? `sqlite:${path.join(data, 'duramesh.sqlite')}`;
  const server = new ServerProcess({
    port,
    readyPort: port,
    flags: ['--db', databaseUrl, '--log-format', 'json', ...flags],
    nodeFlags,
    env,
  });
  return startAll('one process', { port, data, databaseUrl, processes: [server] });
}

const services = ['history', 'matching', 'worker', 'frontend'] as const;
type ServiceName = (typeof services)[number];

export interface SharingOptions {
  /** Of the broker, or of the broker as each service logs in to it. */
  readonly nats: string | ((service: ServiceName) => string);
  /** URL of the database; an SQLite file of their own when left out. */
  readonly db?: string | undefined;
  readonly flags?: readonly string[];
  /** Beside that of the test. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** Four processes, one for each service, that share a broker and a database. */
export async function startFourProcesses({ nats, db, flags = [], env }: SharingOptions): Promise<Deployment> {
  const data = await temporaryFolder();
  const port = await freePortBlock(allOffsets);
  const databaseUrl = db ?? `sqlite:${path.join(data, 'duramesh.sqlite')}`;
  const shared = ['--db', databaseUrl, '--log-format', 'json', ...flags];
  const natsOf = (service: ServiceName): string => (typeof nats === 'string' ? nats : nats(service));
  const processes = services.map(
    (service) =>
      new ServerProcess({
        name: service,
        port,
        readyPort: port + portOffsets[service],
        flags: ['--services', service, '--nats', natsOf(service), ...shared],
        env,
      }),
  );
  return startAll('four processes', { port, data, databaseUrl, processes });
}

/** Two processes, each with all four services, that share a broker and a database. */
export async function startPair({
  nats,
  db,
  flags = [],
}: SharingOptions & { nats: string; db: string }): Promise<Deployment> {
  const data = await temporaryFolder();
  const shared = ['--nats', nats, '--db', db, '--log-format', 'json'];
  const processes: ServerProcess[] = [];
  let first: number | undefined;
  for (const name of ['one', 'two']) {
    const port = await freePortBlock(allOffsets);
    first ??= port;
    processes.push(new ServerProcess({ port, readyPort: port, flags: ['--node-name', name, ...shared, ...flags] }));
  }
  return startAll('two processes', { port: first ?? 0, data, databaseUrl: db, processes });
}

/** `duramesh start --processes N`: several processes behind one port, kept by another one. */
export async function startProcesses(
  count: number,
  { nats, db, flags = [] }: SharingOptions & { nats: string },
): Promise<Deployment> {
  const data = await temporaryFolder();
  const apart = Array.from({ length: count }, (_, at) => PROCESS_STEP * at);
  const port = await freePortBlock(apart.flatMap((step) => allOffsets.map((offset) => offset + step)));
  const databaseUrl = db ?? `sqlite:${path.join(data, 'duramesh.sqlite')}`;
  const shared = ['--processes', String(count), '--nats', nats, '--db', databaseUrl, '--log-format', 'json'];
  const server = new ServerProcess({ port, readyPort: port, flags: [...shared, ...flags] });
  return startAll(`${count} processes behind one port`, { port, data, databaseUrl, processes: [server] });
}

interface DeploymentParts {
  readonly port: number;
  readonly data: string;
  readonly databaseUrl: string;
  readonly processes: readonly ServerProcess[];
}

async function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(os.tmpdir(), 'duramesh-test-'));
}

async function startAll(name: string, parts: DeploymentParts): Promise<Deployment> {
  const deployment = new Deployment(name, parts);
  try {
    for (const server of parts.processes) await server.start();
    return deployment;
  } catch (error) {
    await deployment.stop().catch(() => undefined);
    throw error;
  }
}

/** A running Duramesh, whatever it is made of. */
export class Deployment implements AsyncDisposable {
  readonly name: string;
  readonly processes: readonly ServerProcess[];
  readonly #parts: DeploymentParts;

  constructor(name: string, parts: DeploymentParts) {
    this.name = name;
    this.processes = parts.processes;
    this.#parts = parts;
  }

  get address(): string {
    return `127.0.0.1:${this.#parts.port}`;
  }

  get databaseUrl(): string {
    return this.#parts.databaseUrl;
  }

  /** Of the process that runs the frontend. */
  get metricsUrl(): string {
    return `http://127.0.0.1:${this.#parts.port + METRICS_OFFSET}/metrics`;
  }

  get log(): string {
    return this.processes.map((server) => server.log).join('\n');
  }

  /** `kill -9` to all at once, then all again on the same data. */
  async crash(): Promise<void> {
    await Promise.all(this.processes.map((server) => server.kill('SIGKILL')));
    for (const server of this.processes) await server.start();
  }

  async stop(): Promise<void> {
    try {
      await Promise.all(this.processes.map((server) => server.stop()));
    } finally {
      rmSync(this.#parts.data, { recursive: true, force: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
