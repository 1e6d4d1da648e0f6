import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Config, configOfProcess, resolveConfig } from './config.ts';
import { fsckSettings, resolveFsckConfig, resolveSchemaConfig, schemaSettings } from './database.ts';
import { fsckHelpText, helpText, limitsText, schemaHelpText } from './help.ts';
import { variableOf } from './setting.ts';
import { settings } from './settings.ts';
import type { ConfigSurroundings } from './values.ts';

const surroundings = (args: string, more: Partial<ConfigSurroundings> = {}): ConfigSurroundings => ({
  args: args === '' ? [] : args.split(' '),
  env: {},
  hostName: 'host',
  isTerminal: false,
  readText: () => assert.fail('no file was named'),
  ...more,
});
const resolve = (args: string, more?: Partial<ConfigSurroundings>) => resolveConfig(surroundings(args, more));

const configOf = (args: string, more?: Partial<ConfigSurroundings>): Config => {
  const result = resolve(args, more);
  assert.ok(result.ok, result.ok ? '' : result.message);
  return result.config;
};

const messageOf = (args: string, more?: Partial<ConfigSurroundings>): string => {
  const result = resolve(args, more);
  return result.ok ? 'accepted' : result.message;
};

test('without any setting all four services run on loopback over a SQLite file', () => {
  const { limits, ...config } = configOf('');
  assert.equal(limits.idBytes, 1000);
  assert.deepEqual(config, {
    ip: '127.0.0.1',
    ports: { frontend: 7233, history: 7234, matching: 7235, worker: 7239, telemetry: 8233 },
    membershipPorts: { frontend: 6933, history: 6934, matching: 6935, worker: 6939 },
    broadcastAddress: '127.0.0.1',
    databaseUrl: 'sqlite:./.duramesh/duramesh.sqlite',
    dataDirectory: './.duramesh',
    natsUrl: undefined,
    brokers: undefined,
    natsFiles: { credentials: undefined, nkey: undefined, tlsCa: undefined, tlsCert: undefined, tlsKey: undefined },
    services: ['frontend', 'history', 'matching', 'worker'],
    processes: 1,
    nodeName: 'host:7233',
    clusterName: 'active',
    shards: 1024,
    shardsGiven: false,
    namespaces: ['default'],
    taskQueuePartitions: [],
    searchAttributes: new Map(),
    retentionMs: 86_400_000,
    logLevel: 'info',
    logFormat: 'json',
    callbackAddresses: [],
  });
});

test('membership ports follow the port unless told, and others reach this process by a name they can use', () => {
  const config = configOf('--port 7300 --nats nats://a:4222 --ip 0.0.0.0 --cluster-name prod');
  assert.deepEqual(config.membershipPorts, { frontend: 7000, history: 7001, matching: 7002, worker: 7006 });
  assert.deepEqual([config.broadcastAddress, config.clusterName], ['host', 'prod']);
  const told = configOf('--membership-port 6000 --broadcast-address 10.0.0.7');
  assert.deepEqual([told.membershipPorts.matching, told.broadcastAddress], [6002, '10.0.0.7']);
  assert.equal(configOf('--port 0 --nats nats://a:4222').membershipPorts.history, 0);
  assert.match(messageOf('--port 200 --nats nats://a:4222'), /give --membership-port too/);
  assert.match(messageOf('--membership-port 65530'), /must be 65529 at most/);
  assert.match(messageOf('--cluster-name a/b'), /--cluster-name/);
});

test('every flag is understood, with a space or an equals sign', () => {
  const config = configOf(
    '--port 7300 --ip=0.0.0.0 --metrics-port 9000 --db sqlite:x --shards 64 --services history,frontend ' +
      '--nats nats://a:4222 --node-name n1 --namespace aa --namespace bb,cc --search-attribute K=keyword ' +
      '--search-attribute=L=KeywordList --retention 7d --log-level debug --log-format text ' +
      '--limit limit.blobSize.error=4MiB --limit matching.maxtaskqueueidletime=10s',
  );
  assert.equal(config.ip, '0.0.0.0');
  assert.deepEqual([config.ports.history, config.ports.telemetry], [7301, 9000]);
  assert.deepEqual([config.databaseUrl, config.dataDirectory], ['sqlite:x', undefined]);
  assert.deepEqual([config.shards, config.shardsGiven], [64, true]);
  assert.deepEqual(config.services, ['frontend', 'history']);
  assert.deepEqual([config.natsUrl, config.nodeName], ['nats://a:4222', 'n1']);
  assert.deepEqual(config.namespaces, ['default', 'aa', 'bb', 'cc']);
  assert.deepEqual(
    [...config.searchAttributes],
    [
      ['K', 'Keyword'],
      ['L', 'KeywordList'],
    ],
  );
  assert.equal(config.retentionMs, 7 * 86_400_000);
  assert.deepEqual([config.logLevel, config.logFormat], ['debug', 'text']);
  assert.deepEqual([config.limits.blobBytes, config.limits.matchingIdleMs], [4 * 1024 * 1024, 10_000]);
});

test('a flag wins over a variable, a variable over the file, the file over the default', () => {
  const file = { readText: () => '{"port": 1, "retention": "2h", "log-level": "warn", "namespace": ["xx", "yy"]}' };
  const env = { DURAMESH_PORT: '2', DURAMESH_LOG_LEVEL: 'error', DURAMESH_SHARDS: '' };
  const config = configOf('--port 3 --config c.json', { ...file, env });
  assert.equal(config.ports.frontend, 3);
  assert.equal(config.logLevel, 'error');
  assert.equal(config.retentionMs, 7_200_000);
  assert.equal(config.shards, 1024);
  assert.deepEqual(config.namespaces, ['default', 'xx', 'yy']);
});

test('objects in the file give pairs', () => {
  const readText = (): string => '{"search-attribute": {"K": "Int"}, "limit": {"limit.maxIDLength": 10}}';
  const config = configOf('', { readText, env: { DURAMESH_CONFIG: 'c.json' } });
  assert.deepEqual([...config.searchAttributes], [['K', 'Int']]);
  assert.equal(config.limits.idBytes, 10);
});

test('what is wrong is said in one line with what to do', () => {
  assert.equal(messageOf('--prot 1'), 'there is no flag --prot; did you mean --port?');
  assert.equal(messageOf('--frobnicate 1'), 'there is no flag --frobnicate; see --help');
  assert.equal(messageOf('7233'), "'7233' is not understood: settings are given as --flag value");
  assert.equal(messageOf('--port'), '--port needs a value: --port PORT');
  assert.equal(messageOf('--port --ip'), '--port needs a value: --port PORT');
  assert.equal(messageOf('--port x'), "--port must be a whole number from 0 to 65535, but was 'x'");
  assert.equal(messageOf('--port 70000'), "--port must be a whole number from 0 to 65535, but was '70000'");
  assert.equal(
    messageOf('', { env: { DURAMESH_LOG_LEVEL: 'loud' } }),
    "DURAMESH_LOG_LEVEL must be one of debug, info, warn, error, silent, but was 'loud'",
  );
  assert.equal(
    messageOf('--retention 5m'),
    "--retention must be a duration of one hour or more, such as 24h or 7d, but was '5m'",
  );
  assert.match(messageOf('--search-attribute K=Strange'), /; K takes one of Text, Keyword, .*, but was 'K=Strange'$/);
  assert.match(
    messageOf('--limit nonsense=1'),
    /there is no such limit \(see "duramesh limits"\), but was 'nonsense=1'$/,
  );
  assert.match(messageOf('--ip example.com'), /^--ip must be an IP address or localhost/);
  assert.match(
    messageOf('--services frontend,histroy --nats nats://x'),
    /^--services must be one of frontend, history/,
  );
  assert.match(messageOf('--services , --nats nats://x'), /^--services must name at least one of/);
  assert.match(messageOf('--port 65000'), /^--port 65000 leaves no room for the metrics port 66000/);
});

test('a config file that cannot be used is named with the reason', () => {
  const using = (content: string): string => messageOf('--config c.json', { readText: () => content });
  assert.match(using('{'), /^c\.json is not JSON: /);
  assert.match(using('[]'), /^c\.json must hold one JSON object/);
  assert.equal(using('{"nat": "x"}'), 'c.json: there is no setting "nat"; did you mean --nats?');
  assert.equal(using('{"port": null}'), 'c.json: "port" must be a text, a number, a list or an object');
  assert.equal(using('{"port": "x"}'), `c.json: "port" must be a whole number from 0 to 65535, but was 'x'`);
  const readText = (): string => {
    throw new Error('ENOENT: no such file');
  };
  assert.equal(
    messageOf('--config c.json', { readText }),
    'the config file c.json cannot be read: ENOENT: no such file',
  );
});

test('two names for the database contradict each other only at the same place', () => {
  assert.equal(messageOf('--data d --db memory:'), '--data and --db both name the database: give only one of them');
  const env = { DURAMESH_DB: 'memory:' };
  assert.equal(configOf('--data d/', { env }).databaseUrl, 'sqlite:d/duramesh.sqlite');
  assert.equal(configOf('', { env }).databaseUrl, 'memory:');
  assert.equal(configOf('--db memory:', { env: { DURAMESH_DATA: 'd' } }).databaseUrl, 'memory:');
});

test('a process with some of the services needs a broker and a database that can be shared', () => {
  assert.equal(
    messageOf('--services frontend,history'),
    'matching, worker would run elsewhere: give --nats URL to reach them, or run all four services here',
  );
  assert.match(messageOf('--services frontend --nats nats://x --db memory:'), /cannot share a database in memory/);
  assert.match(
    messageOf('--services frontend --nats nats://x --db sqlite::memory:'),
    /cannot share a database in memory/,
  );
});

test('processes of one machine with one base port do not collide, and port 0 is any port', () => {
  const alone = configOf('--services matching --nats nats://x');
  assert.deepEqual([alone.nodeName, alone.ports.telemetry], ['host:7235', 8235]);
  assert.deepEqual(Object.values(configOf('--port 0').ports), [0, 0, 0, 0, 0]);
});

test('several processes share the port of the frontend and have names and other ports of their own', () => {
  const config = configOf('--processes 16 --nats nats://x');
  assert.equal(config.processes, 16);
  const each = Array.from({ length: 16 }, (_, at) => configOfProcess(config, at + 1));
  assert.ok(each.every(({ ports, processes }) => ports.frontend === 7233 && processes === 1));
  assert.deepEqual(each[2]?.ports, { frontend: 7233, history: 7254, matching: 7255, worker: 7259, telemetry: 8253 });
  assert.equal(each[2]?.nodeName, 'host:7233-3');
  const ports = each.flatMap(({ ports: { frontend: _, ...own } }) => Object.values(own));
  assert.equal(new Set([7233, ...ports]).size, 1 + 16 * 4);
  assert.deepEqual(Object.values(configOfProcess(configOf('--port 0'), 3).ports), [0, 0, 0, 0, 0]);
});

test('several processes need a broker, a database that can be shared and room for their ports', () => {
  assert.equal(
    messageOf('--processes 2'),
    '--processes 2 needs --nats URL: the processes reach each other over a broker',
  );
  assert.match(messageOf('--processes 2 --nats nats://x --db memory:'), /cannot share a database in memory/);
  assert.match(messageOf('--processes 0'), /^--processes must be a whole number from 1 to 16, but was '0'$/);
  assert.match(messageOf('--processes 17'), /^--processes must be a whole number from 1 to 16/);
  assert.match(messageOf('--processes two'), /^--processes must be a whole number from 1 to 16/);
  assert.match(messageOf('--processes 3 --nats nats://x --port 64520'), /^the ports of 3 processes end above 65535/);
});

test('the help of a command names every setting of it and fits a terminal', () => {
  const helps = [
    [helpText(), settings],
    [schemaHelpText(), schemaSettings],
    [fsckHelpText(), fsckSettings],
  ] as const;
  for (const [help, table] of helps) {
    for (const setting of Object.values(table)) {
      assert.ok(help.includes(`--${setting.flag} ${setting.placeholder}`), setting.flag);
      assert.match(variableOf(setting), /^DURAMESH_[A-Z_]+$/);
    }
  }
  const lines = [...helps.map(([help]) => help), limitsText()].join('').split('\n');
  for (const line of lines) assert.ok(line.length <= 110, line);
});

test('schema and fsck take the database from flags, variables and the file of the server, and refuse its other flags', () => {
  const readText = (): string => '{"port": 7300, "namespace": ["a"], "db": "sqlite:file"}';
  assert.deepEqual(resolveSchemaConfig(surroundings('--config f', { readText })), {
    ok: true,
    config: { databaseUrl: 'sqlite:file', dataDirectory: undefined },
  });
  const fsck = resolveFsckConfig(surroundings('--config f --data d --namespace n --workflow w', { readText }));
  const database = { databaseUrl: 'sqlite:d/duramesh.sqlite', dataDirectory: 'd' };
  assert.deepEqual(fsck, { ok: true, config: { ...database, namespace: 'n', workflowId: 'w' } });
  assert.deepEqual(resolveSchemaConfig(surroundings('--port 7300')), {
    ok: false,
    message: 'there is no flag --port; see --help',
  });
});

test('a check is narrowed by flags only, and to a workflow only within a namespace', () => {
  const fsck = resolveFsckConfig(surroundings('', { env: { DURAMESH_NAMESPACE: 'n', DURAMESH_WORKFLOW: 'w' } }));
  assert.ok(fsck.ok && fsck.config.namespace === undefined && fsck.config.workflowId === undefined);
  const lonely = resolveFsckConfig(surroundings('--workflow w'));
  assert.match(lonely.ok ? '' : lonely.message, /^--workflow needs --namespace/);
});

test('the password of a database URL that is not understood is not repeated', () => {
  const message = messageOf('--db ://me:s3cret@host/db');
  assert.match(message, /^--db must be a URL such as .* but was ':\/\/me:\*{3}@host\/db'$/);
});

test('partitions of task queues are said for all of them, or for those of a name, a type and a namespace', () => {
  const id = '0f3a9c1e-6b1d-4c39-9a44-0a1f5d2e7b60';
  const { taskQueuePartitions } = configOf(
    `--task-queue-partitions 4 --task-queue-partitions orders=2/8,${id}/a/b:c:Activity=3`,
  );
  const counts = (write: number, read: number) => ({ write, read });
  assert.deepEqual(taskQueuePartitions, [
    { name: undefined, type: undefined, namespaceId: undefined, counts: counts(4, 4) },
    { name: 'orders', type: undefined, namespaceId: undefined, counts: counts(2, 8) },
    { name: 'a/b:c', type: 2, namespaceId: id, counts: counts(3, 3) },
  ]);
  for (const wrong of ['0', '65', '4/2', 'four', 'q=', '=4', '2/']) {
    assert.match(messageOf(`--task-queue-partitions ${wrong}`), /must be a number from 1 to 64, as in 4, 2\/4/);
  }
});

test('callbacks may go to hosts by https, and by http where the host is given so', () => {
  assert.deepEqual(configOf('').callbackAddresses, []);
  assert.deepEqual(
    configOf('--callback-address *.example.com:443 --callback-address http://localhost:*').callbackAddresses,
    [
      { pattern: '*.example.com:443', allowInsecure: false },
      { pattern: 'localhost:*', allowInsecure: true },
    ],
  );
  assert.match(messageOf('--callback-address https://example.com/path'), /must be a host such as/);
});
