import { type ChildProcess, spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { ensureNatsServer } from '../../scripts/nats-server.ts';
import { endProcess, haltProcesses } from './signals.ts';
import { freePortBlock } from './free-ports.ts';
import { until } from './until.ts';

const START_LIMIT_MS = 10_000;

export interface NatsServerOptions {
  /** A free one when left out. */
  readonly port?: number;
  /** Further arguments of nats-server. */
  readonly args?: readonly string[];
  /** Variables that its configuration names. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A broker of a test's own, on a loopback port. */
export interface NatsServer {
  readonly url: string;
  readonly port: number;
  /** Where it tells of itself: `/varz`, `/connz`, … */
  readonly monitorUrl: string;
  readonly pid: number;
  /** Its latest lines, of all its starts. */
  readonly log: string;
  /** Resolves when the signal has ended it; `SIGSTOP` when it stands still, `SIGHUP` (reload) and
   * `SIGUSR2` (lame duck) at once. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Sends its clients away: ten seconds to leave by themselves, then it closes their connections and ends. */
  lameDuck(): void;
  /** Starts it again on the same port; kills it first when it still runs. */
  restart(): Promise<void>;
  /** Ends it for good; it keeps nothing that would be worth a farewell. */
  stop(): Promise<void>;
}

/** What a broker tells everybody who connects. */
export interface NatsServerInfo {
  readonly server_name: string;
  readonly max_payload: number;
  /** Addresses of all brokers of its cluster, itself included; absent while it is alone. */
  readonly connect_urls?: readonly string[];
}

/** Undefined while nothing there speaks as a broker does. */
export function natsServerInfo(port: number): Promise<NatsServerInfo | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    let greeting = '';
    const tell = (info: NatsServerInfo | undefined): void => {
      socket.destroy();
      resolve(info);
    };
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      greeting += chunk;
      const [, json] = /^INFO (.*)\r\n/.exec(greeting) ?? [];
      if (json !== undefined) tell(JSON.parse(json) as NatsServerInfo);
    });
    socket.once('error', () => tell(undefined)).once('close', () => tell(undefined));
  });
}

const LOG_KEPT_CHARS = 50_000;

/** One broker through all its starts. */
class Broker implements NatsServer {
  readonly port: number;
  readonly #monitorPort: number;
  readonly #command: string;
  readonly #options: NatsServerOptions;
  readonly #endWithUs = (): void => void this.#child?.kill('SIGKILL');
  #child: ChildProcess | undefined;
  #log = '';

  constructor(command: string, ports: { client: number; monitor: number }, options: NatsServerOptions) {
    this.#command = command;
    this.port = ports.client;
    this.#monitorPort = ports.monitor;
    this.#options = options;
    process.once('exit', this.#endWithUs);
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  get monitorUrl(): string {
    return `http://127.0.0.1:${this.#monitorPort}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get log(): string {
    return this.#log;
  }

  get #listening(): readonly string[] {
    return ['-a', '127.0.0.1', '-p', String(this.port), '-m', String(this.#monitorPort)];
  }

  async start(): Promise<void> {
    const { args = [], env = {} } = this.#options;
    const child = spawn(this.#command, [...this.#listening, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.#child = child;
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (this.#log = (this.#log + text).slice(-LOG_KEPT_CHARS)));
    const isReady = async (): Promise<boolean> =>
      child.exitCode !== null || (await natsServerInfo(this.port)) !== undefined;
    await until(isReady, { what: 'nats-server starts', withinMs: START_LIMIT_MS });
    if (child.exitCode !== null) throw new Error(`nats-server did not start:\n${this.#log}`);
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    if (signal === 'SIGSTOP') await haltProcesses(this.pid);
    else if (signal === 'SIGCONT' || signal === 'SIGHUP' || signal === 'SIGUSR2') child.kill(signal);
    else await endProcess(child, signal);
  }

  lameDuck(): void {
    this.#child?.kill('SIGUSR2');
  }

  async restart(): Promise<void> {
    await this.kill('SIGKILL');
    await this.start();
  }

  async stop(): Promise<void> {
    process.off('exit', this.#endWithUs);
    await this.kill('SIGKILL');
  }
}

export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const command = await ensureNatsServer();
  const monitor = await freePortBlock([0]);
  const broker = new Broker(command, { client: options.port ?? (await freePortBlock([0])), monitor }, options);
  await broker.start();
  return broker;
}
