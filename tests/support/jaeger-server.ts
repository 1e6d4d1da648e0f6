import { spawn } from 'node:child_process';
import { ensureJaegerServer } from '../../scripts/jaeger-server.ts';
import { freePortBlock } from './free-ports.ts';
import { endProcess } from './signals.ts';
import { until } from './until.ts';

const START_LIMIT_MS = 20_000;

/** What it listens on, in the order of its ports: none of them where another Jaeger of the machine may be. */
const listeners = [
  'collector.otlp.grpc',
  'collector.otlp.http',
  'query.http-server',
  'query.grpc-server',
  'admin.http',
  'collector.grpc-server',
  'collector.http-server',
  'http-server',
  'processor.jaeger-binary',
  'processor.jaeger-compact',
  'processor.zipkin-compact',
];
const flagOf = (name: string): string =>
  name.startsWith('processor') ? `${name}.server-host-port` : `${name}.host-port`;

/** A Jaeger of a test's own, which keeps traces in memory. */
export interface JaegerServer extends AsyncDisposable {
  /** Takes OTLP over gRPC. */
  readonly otlpGrpcUrl: string;
  /** Takes OTLP over HTTP. */
  readonly otlpHttpUrl: string;
  /** Of the query API and the pages for people. */
  readonly queryUrl: string;
}

/** @param file the program; found or built when left out */
export async function startJaegerServer(file?: string): Promise<JaegerServer> {
  const program = file ?? (await ensureJaegerServer());
  const port = await freePortBlock(listeners.map((_, at) => at));
  const urlOf = (name: string): string => `127.0.0.1:${port + listeners.indexOf(name)}`;
  const flags = listeners.map((name) => `--${flagOf(name)}=${urlOf(name)}`);
  const child = spawn(program, [...flags, '--log-level=warn', '--memory.max-traces=10000'], {
    env: { ...process.env, SPAN_STORAGE_TYPE: 'memory' },
    stdio: 'ignore',
  });
  const onExit = (): void => void child.kill('SIGKILL');
  process.once('exit', onExit);
  const isReady = async (): Promise<boolean> =>
    child.exitCode !== null || (await fetch(`http://${urlOf('admin.http')}/`)).ok;
  await until(isReady, { what: 'Jaeger starts', withinMs: START_LIMIT_MS });
  if (child.exitCode !== null) throw new Error(`Jaeger ended with ${child.exitCode} at its start`);
  return {
    otlpGrpcUrl: `http://${urlOf('collector.otlp.grpc')}`,
    otlpHttpUrl: `http://${urlOf('collector.otlp.http')}`,
    queryUrl: `http://${urlOf('query.http-server')}`,
    async [Symbol.asyncDispose]() {
      process.off('exit', onExit);
      await endProcess(child, 'SIGKILL');
    },
  };
}
