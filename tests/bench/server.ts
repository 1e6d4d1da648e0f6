import { startNatsServer } from '../support/nats-server.ts';
import { childrenOf } from '../support/process-table.ts';
import { type Deployment, PROCESS_STEP, startProcesses, startServer } from '../support/server-process.ts';

/** A server under load, and where to look what that costs. */
export interface BenchServer extends AsyncDisposable {
  readonly name: string;
  readonly address: string;
  readonly readyAfterMs: number;
  readonly log: string;
  readonly pids: readonly number[];
  readonly metricsUrls: readonly string[];
}

export interface BenchServerOptions {
  /** One talks in memory, several over a broker. */
  readonly processes: number;
  readonly db: string | undefined;
  readonly nodeFlags: readonly string[];
}

const flags = ['--log-level', 'warn'];

export async function startBenchServer({ processes, db, nodeFlags }: BenchServerOptions): Promise<BenchServer> {
  if (processes === 1) {
    const server = await startServer({ flags, nodeFlags, db });
    return benchServer(server, { pids: pidsOf(server), metricsUrls: [server.metricsUrl], stop: () => server.stop() });
  }
  await using undo = new AsyncDisposableStack();
  const broker = await startNatsServer();
  undo.defer(() => broker.stop());
  const server = undo.use(await startProcesses(processes, { nats: broker.url, db, flags }));
  const first = new URL(server.metricsUrl);
  const metricsUrls = Array.from({ length: processes }, (_, at) => {
    const url = new URL(first);
    url.port = String(Number(first.port) + PROCESS_STEP * at);
    return url.href;
  });
  const keepers = pidsOf(server);
  const pids = [...keepers, ...keepers.flatMap(childrenOf), broker.pid];
  const all = undo.move();
  return benchServer(server, { pids, metricsUrls, stop: () => all.disposeAsync() });
}

const pidsOf = (server: Deployment): readonly number[] => server.processes.map(({ pid }) => pid);

interface Parts extends Pick<BenchServer, 'pids' | 'metricsUrls'> {
  readonly stop: () => Promise<void>;
}

const benchServer = (server: Deployment, { pids, metricsUrls, stop }: Parts): BenchServer => ({
  name: server.name,
  address: server.address,
  readyAfterMs: server.processes[0]?.readyAfterMs ?? 0,
  get log() {
    return server.log;
  },
  pids,
  metricsUrls,
  [Symbol.asyncDispose]: stop,
});
