import { type ChildProcess, spawn } from 'node:child_process';
import { globSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, type types } from 'cassandra-driver';
import { type Cassandra, ensureCassandra } from '../../scripts/cassandra-server.ts';
import { endProcess, haltProcesses } from './signals.ts';
import { freePortBlock } from './free-ports.ts';
import { until } from './until.ts';

const START_LIMIT_MS = 180_000;
const SHOWN_LOG_CHARS = 4_000;

export interface CassandraServerOptions {
  /**
   * Acknowledges what is on the disk only, for tests that kill it. Without, changes of the schema are quick, and a restart
   * finds nothing.
   */
  readonly durable?: boolean;
  /** Users have to give a password; there is one, the superuser `cassandra`, with the same password. */
  readonly login?: boolean;
  /** Further settings, as in cassandra.yaml. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly version?: string;
}

/** A database server of a test's own: one node on a loopback port, with its data in a folder that goes with it. */
export interface CassandraServer {
  readonly port: number;
  readonly pid: number;
  readonly folder: string;
  /** `cassandra://…` of a keyspace, for the superuser. */
  url(keyspace?: string, parameters?: string): string;
  /** @returns the URL of a keyspace that is not there yet: whoever sets up its schema makes it */
  createDatabase(): Promise<string>;
  /** @returns the rows */
  query(text: string): Promise<readonly types.Row[]>;
  /** Several statements at once. */
  run(texts: readonly string[]): Promise<void>;
  /** Resolves when the signal has ended it; `SIGSTOP` resolves when it stands still, `SIGCONT` at once. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port with the same data. */
  restart(): Promise<void>;
  /** Ends it for good and removes its data. */
  stop(): Promise<void>;
}

/** A small heap, and no compiling that would only pay later: tests are over soon. */
const jvmFlags = [
  '-Xms256m',
  '-Xmx768m',
  '-Xss512k',
  '-XX:MaxDirectMemorySize=256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:-UsePerfData',
];
const exported = [
  'java.base/jdk.internal.misc',
  'java.base/jdk.internal.ref',
  'java.base/sun.nio.ch',
  'java.management.rmi/com.sun.jmx.remote.internal.rmi',
  'java.rmi/sun.rmi.registry',
  'java.rmi/sun.rmi.server',
  'java.sql/java.sql',
];
const opened = [
  ...['io', 'lang', 'lang.module', 'net', 'nio', 'util', 'util.concurrent', 'util.concurrent.atomic'].map(
    (name) => `java.base/java.${name}`,
  ),
  ...['loader', 'math', 'module', 'ref', 'reflect', 'util.jar'].map((name) => `java.base/jdk.internal.${name}`),
  'java.base/sun.nio.ch',
  'jdk.management/com.sun.management.internal',
];

const logging = `<configuration>
  <appender name="O" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%d %p %logger{0} %m%n</pattern></encoder></appender>
  <root level="WARN"><appender-ref ref="O"/></root>
</configuration>
`;

/** JSON is YAML. */
function settingsFor(port: number, { durable, login, settings }: CassandraServerOptions): string {
  const storagePort = port + 1;
  const auth = {
    authenticator: 'PasswordAuthenticator',
    authorizer: 'CassandraAuthorizer',
    role_manager: 'CassandraRoleManager',
  };
  return JSON.stringify({
    cluster_name: 'test',
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    endpoint_snitch: 'SimpleSnitch',
    num_tokens: 1,
    initial_token: 0,
    auto_bootstrap: false,
    listen_address: '127.0.0.1',
    rpc_address: '127.0.0.1',
    storage_port: storagePort,
    native_transport_port: port,
    seed_provider: [
      {
        class_name: 'org.apache.cassandra.locator.SimpleSeedProvider',
        parameters: [{ seeds: `127.0.0.1:${storagePort}` }],
      },
    ],
    ...(durable === true
      ? { commitlog_sync: 'batch' }
      : { commitlog_sync: 'periodic', commitlog_sync_period: '10000ms' }),
    ...(login === true && auth),
    memtable_allocation_type: 'heap_buffers',
    file_cache_size: '32MiB',
    auto_snapshot: false,
    hinted_handoff_enabled: false,
    concurrent_reads: 8,
    concurrent_writes: 8,
    concurrent_compactors: 1,
    start_native_transport: true,
    ...settings,
  });
}

interface Installation {
  readonly cassandra: Cassandra;
  readonly folder: string;
  readonly port: number;
  readonly options: CassandraServerOptions;
}

function argumentsOf({ cassandra, folder, options }: Installation): readonly string[] {
  const [agent = ''] = globSync(path.join(cassandra.lib, 'jamm-*.jar'));
  const properties = {
    'java.security.manager': 'allow',
    'jdk.attach.allowAttachSelf': true,
    'logback.configurationFile': path.join(folder, 'logback.xml'),
    'cassandra.config': `file://${path.join(folder, 'cassandra.yaml')}`,
    'cassandra.storagedir': path.join(folder, 'data'),
    'cassandra.logdir': folder,
    'cassandra.skip_wait_for_gossip_to_settle': 0,
    'cassandra.ring_delay_ms': 0,
    'cassandra.load_ring_state': false,
    'cassandra.superuser_setup_delay_ms': 0,
    'cassandra.unsafesystem': options.durable !== true,
  };
  return [
    ...jvmFlags,
    `-javaagent:${agent}`,
    ...exported.map((name) => `--add-exports=${name}=ALL-UNNAMED`),
    ...opened.map((name) => `--add-opens=${name}=ALL-UNNAMED`),
    ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
    '-cp',
    path.join(cassandra.lib, '*'),
    'org.apache.cassandra.service.CassandraDaemon',
  ];
}

const clientFor = (port: number): Client =>
  new Client({
    contactPoints: [`127.0.0.1:${port}`],
    localDataCenter: 'datacenter1',
    credentials: { username: 'cassandra', password: 'cassandra' },
  });

async function withClient<T>(port: number, use: (client: Client) => Promise<T>): Promise<T> {
  const client = clientFor(port);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.shutdown();
  }
}

/** An OPTIONS message of the native protocol; whoever answers it serves. */
const HELLO = Uint8Array.of(4, 0, 0, 0, 5, 0, 0, 0, 0);

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write(HELLO));
    const tell = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', tell(true)).once('error', tell(false)).once('close', tell(false));
  });
}

async function launch(installation: Installation): Promise<ChildProcess> {
  const { cassandra, folder, port } = installation;
  const logFile = path.join(folder, 'server.log');
  const log = openSync(logFile, 'a');
  const child = spawn(cassandra.java, argumentsOf(installation), { cwd: folder, stdio: ['ignore', log, log] });
  const isReady = async (): Promise<boolean> =>
    child.exitCode !== null || child.signalCode !== null || (await answers(port));
  await until(isReady, { what: 'Cassandra starts', withinMs: START_LIMIT_MS });
  if (child.exitCode === null && child.signalCode === null) return child;
  throw new Error(`Cassandra did not start:\n${readFileSync(logFile, 'utf8').slice(-SHOWN_LOG_CHARS)}`);
}

export async function startCassandraServer(options: CassandraServerOptions = {}): Promise<CassandraServer> {
  const cassandra = await ensureCassandra(options.version);
  const port = await freePortBlock([0, 1]);
  const folder = mkdtempSync(path.join(tmpdir(), 'duramesh-cassandra-'));
  writeFileSync(path.join(folder, 'cassandra.yaml'), settingsFor(port, options));
  writeFileSync(path.join(folder, 'logback.xml'), logging);
  const installation = { cassandra, folder, port, options };
  let child = await launch(installation);
  let created = 0;
  const login = options.login === true ? 'cassandra:cassandra@' : '';
  const url = (keyspace = 'duramesh', parameters = ''): string =>
    `cassandra://${login}127.0.0.1:${port}/${keyspace}${parameters}`;
  const onExit = (): void => void child.kill('SIGKILL');
  process.once('exit', onExit);
  return {
    port,
    get pid() {
      return child.pid ?? 0;
    },
    folder,
    url,
    createDatabase: async () => url(`keyspace_${(created += 1)}`),
    query: (text) => withClient(port, async (client) => (await client.execute(text)).rows),
    run: (texts) =>
      withClient(port, async (client) => void (await Promise.all(texts.map((text) => client.execute(text))))),
    async kill(signal) {
      if (signal === 'SIGSTOP') await haltProcesses(child.pid ?? 0);
      else if (signal === 'SIGCONT') child.kill(signal);
      else await endProcess(child, signal);
    },
    async restart() {
      await endProcess(child, 'SIGKILL');
      child = await launch(installation);
    },
    async stop() {
      process.off('exit', onExit);
      child.kill('SIGCONT');
      await endProcess(child, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
