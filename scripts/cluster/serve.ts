import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Cluster, startCluster } from '../../tests/support/cluster.ts';
import { findJaegerServer } from '../jaeger-server.ts';
import { type JaegerServer, startJaegerServer } from '../../tests/support/jaeger-server.ts';
import { type DatabaseName, databaseNames } from '../../tests/support/databases.ts';
import { seconds } from '../test/output.ts';

const DEFAULT_PORT = 7233;
const HELP = `npm run cluster -- [options] [-- flags of duramesh start]
  --frontends N   processes of each service: 2 frontends, 3 history, 2 matching, 1 worker
  --history N
  --matching N
  --workers N
  --brokers N     3
  --store NAME    ${databaseNames.join(', ')}: postgres
  --jaeger        traces go to a Jaeger, which is built if there is none; one that is there is started anyway
  --port PORT     where SDKs connect: ${DEFAULT_PORT}; 0 for any free port
  --sdk           runs the SDK suite against such a cluster instead, and ends`;

/** @returns the options, or undefined when there was nothing more to do */
function parse() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      frontends: { type: 'string', default: '2' },
      history: { type: 'string', default: '3' },
      matching: { type: 'string', default: '2' },
      workers: { type: 'string', default: '1' },
      brokers: { type: 'string', default: '3' },
      store: { type: 'string', default: 'postgres' },
      port: { type: 'string', default: String(DEFAULT_PORT) },
      jaeger: { type: 'boolean', default: false },
      sdk: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const store = databaseNames.find((name) => name === values.store);
  if (store === undefined) throw new RangeError(`--store ${values.store}: there are ${databaseNames.join(', ')}`);
  const count = (name: 'frontends' | 'history' | 'matching' | 'workers' | 'brokers'): number => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= 1 && value <= 20) return value;
    throw new RangeError(`--${name} must be a whole number from 1 to 20, was ${values[name]}`);
  };
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new RangeError(`--port ${values.port} is no port`);
  return {
    frontends: count('frontends'),
    history: count('history'),
    matching: count('matching'),
    workers: count('workers'),
    brokers: count('brokers'),
    store,
    port,
    flags: positionals,
    jaeger: values.jaeger,
    sdk: values.sdk,
    help: values.help,
  };
}

/** Resolves when somebody wants us to end. */
function stopWanted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
    process.once('disconnect', () => resolve());
  });
}

function table(
  { brokers, database, databaseUrl, processes, address }: Cluster,
  { store, jaeger }: { readonly store: DatabaseName; readonly jaeger: JaegerServer | undefined },
): string {
  const line = (what: string, where: string, more = ''): string =>
    `  ${what.padEnd(12)} ${where.padEnd(34)} ${more}`.trimEnd();
  return [
    line('SDKs', address, '(connections go to one frontend after the other)'),
    ...brokers.nodes.map(({ url, pid }, at) => line(`nats-${at + 1}`, url, `pid ${pid}`)),
    line(store, databaseUrl, database.server === undefined ? 'embedded' : `in ${database.server.folder}`),
    ...(jaeger === undefined ? [] : [line('jaeger', jaeger.queryUrl, '/api/traces?service=duramesh-frontend')]),
    ...processes.map(({ name, metricsUrl, pid }) => line(name, metricsUrl, `pid ${pid}`)),
  ].join('\n');
}

async function runSuite(store: DatabaseName): Promise<void> {
  const root = path.join(import.meta.dirname, '..', '..');
  const child = spawn(process.execPath, ['--test', path.join('tests', 'sdk', 'on-cluster.ts')], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, DURAMESH_TEST_DB: store },
  });
  void stopWanted().then(() => child.kill('SIGTERM'));
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
}

/** Nobody waits minutes for a Jaeger to be built who has not asked for it. */
async function startJaeger(isWanted: boolean): Promise<JaegerServer | undefined> {
  const file = findJaegerServer();
  return file === undefined && !isWanted ? undefined : startJaegerServer(file);
}

async function serve({ store, ...options }: ReturnType<typeof parse>): Promise<void> {
  const stop = stopWanted();
  const started = performance.now();
  await using jaeger = await startJaeger(options.jaeger);
  const env = (): NodeJS.ProcessEnv => (jaeger ? { OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.otlpHttpUrl } : {});
  const cluster = await startCluster({ ...options, store, env });
  console.log(
    `A cluster, ready in ${seconds(performance.now() - started)}. Stop it with Ctrl-C.\n${table(cluster, { store, jaeger })}`,
  );
  await stop;
  console.log('Stopping: frontends, then the services behind them, then brokers and database.');
  await cluster.stop();
  console.log('Stopped.');
}

try {
  const options = parse();
  if (options.help) console.log(HELP);
  else await (options.sdk ? runSuite(options.store) : serve(options));
} catch (error) {
  console.error(`cluster: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof RangeError || error instanceof TypeError ? 2 : 1;
}
process.disconnect?.();
