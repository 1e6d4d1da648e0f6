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
}

/** A broker of a test's own, on a loopback port. */
export interface NatsServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the signal has ended it; `SIGSTOP` when it stands still, `SIGUSR2` (lame duck) at once. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
  /** Ends it for good; it keeps nothing that would be worth a farewell. */
  stop(): Promise<void>;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    const tell = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', tell(true)).once('error', tell(false));
  });
}

async function launch(binary: string, port: number, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(binary, ['-a', '127.0.0.1', '-p', String(port), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4_000)));
  const isReady = async (): Promise<boolean> => child.exitCode !== null || (await accepts(port));
  await until(isReady, { what: 'nats-server starts', withinMs: START_LIMIT_MS });
  if (child.exitCode !== null) throw new Error(`nats-server did not start:\n${log}`);
  return child;
}

export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const binary = await ensureNatsServer();
  const port = options.port ?? (await freePortBlock([0]));
  const args = options.args ?? [];
  let child = await launch(binary, port, args);
  const onExit = (): void => void child.kill('SIGKILL');
  process.once('exit', onExit);
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    get pid() {
      return child.pid ?? 0;
    },
    async kill(signal) {
      if (signal === 'SIGSTOP') await haltProcesses(child.pid ?? 0);
      else if (signal === 'SIGCONT' || signal === 'SIGUSR2') child.kill(signal);
      else await endProcess(child, signal);
    },
    async restart() {
      await endProcess(child, 'SIGKILL');
      child = await launch(binary, port, args);
    },
    async stop() {
      process.off('exit', onExit);
      await endProcess(child, 'SIGKILL');
    },
  };
}
