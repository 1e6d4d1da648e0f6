import { limitParser } from './limits.ts';
import { natsSettings } from './nats.ts';
import { callbackAddress, duration, integer, matching, oneOf, pair, port, text } from './parsers.ts';
import { many, one, optional, type ValuesOf } from './setting.ts';
import { taskQueuePartitions } from './task-queue-partitions.ts';

export const serviceNames = ['frontend', 'history', 'matching', 'worker'] as const;
export type ServiceName = (typeof serviceNames)[number];

const attributeTypes = ['Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList'] as const;
export type AttributeType = (typeof attributeTypes)[number];

/** How many shards there may be. */
export const parseShards = integer(1, 16_384);
/** Of one machine behind one port; their ports must not meet. */
const MOST_PROCESSES = 16;

/** Of `duramesh start`. */
export const settings = {
  port: one(
    {
      flag: 'port',
      group: 'Where to listen',
      placeholder: 'PORT',
      help: 'SDKs connect here; history, matching and worker use the ports 1, 2 and 6 above it.',
    },
    port,
    7233,
  ),
  ip: one(
    {
      flag: 'ip',
      group: 'Where to listen',
      placeholder: 'IP',
      help: 'The address of every listener. Another than a loopback one is open to whoever reaches it.',
    },
    matching(/^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*|localhost)$/, 'an IP address or localhost'),
    '127.0.0.1',
  ),
  membershipPort: optional(
    {
      flag: 'membership-port',
      group: 'Where to listen',
      placeholder: 'PORT',
      help:
        'With --nats: the members of a service hear each other here; history, matching and worker use the ports 1, 2 ' +
        'and 6 above it.',
      defaultHelp: 'port - 300',
    },
    port,
  ),
  broadcastAddress: optional(
    {
      flag: 'broadcast-address',
      group: 'Where to listen',
      placeholder: 'HOST',
      help: 'How other processes reach this one.',
      defaultHelp: 'the IP; the host name when that stands for every address',
    },
    matching(/^[A-Za-z0-9.:_-]{1,253}$/, 'a host name or an IP address'),
  ),
  metricsPort: optional(
    {
      flag: 'metrics-port',
      group: 'Where to listen',
      placeholder: 'PORT',
      help: 'HTTP port of /metrics, /readyz and /livez.',
      defaultHelp: 'port + 1000',
    },
    port,
  ),
  data: one(
    {
      flag: 'data',
      group: 'Where data lives',
      placeholder: 'DIR',
      help: 'Directory of the SQLite file; it is created when it is not there.',
    },
    text,
    './.duramesh',
  ),
  db: optional(
    {
      flag: 'db',
      group: 'Where data lives',
      placeholder: 'URL',
      help: 'The database instead of --data: sqlite:FILE, or memory: to forget everything at the end.',
    },
    matching(/^[a-z][a-z0-9+]*:/, 'a URL such as sqlite:./duramesh.sqlite or memory:'),
  ),
  shards: one(
    {
      flag: 'shards',
      group: 'Where data lives',
      placeholder: 'N',
      help: 'Shards of a new database; an existing one keeps its own, see "duramesh shards --help".',
    },
    parseShards,
    1024,
  ),
  clusterName: one(
    {
      flag: 'cluster-name',
      group: 'Where data lives',
      placeholder: 'NAME',
      help: 'Of a new database; a server that is given another name does not start on it.',
    },
    matching(/^[A-Za-z0-9._-]{1,64}$/, 'up to 64 letters, digits, dots, underscores and dashes'),
    'active',
  ),
  services: many(
    {
      flag: 'services',
      group: 'What runs here',
      placeholder: 'A,B',
      help: 'Which services this process runs. Not all four need --nats and a database that the others share.',
    },
    oneOf(...serviceNames),
    serviceNames,
  ),
  ...natsSettings,
  processes: one(
    {
      flag: 'processes',
      group: 'What runs here',
      placeholder: 'N',
      help: 'So many processes behind the one port, each with these services, to use several cores. More than one needs --nats.',
    },
    integer(1, MOST_PROCESSES),
    1,
  ),
  nodeName: optional(
    {
      flag: 'node-name',
      group: 'What runs here',
      placeholder: 'NAME',
      help: 'How other processes know this one; must differ between them and stay the same over restarts.',
      defaultHelp: 'host name:port',
    },
    matching(/^[A-Za-z0-9._:-]{1,128}$/, 'up to 128 letters, digits, dots, colons and dashes'),
  ),
  taskQueuePartitions: many(
    {
      flag: 'task-queue-partitions',
      group: 'What runs here',
      placeholder: 'N',
      help:
        'Partitions of each task queue, the same in every process. QUEUE=N, QUEUE:activity=N and NAMESPACE_ID/QUEUE=N ' +
        'say it of some; 2/4 writes to 2 and still reads from 4, so that the others run dry. Repeatable.',
      defaultHelp: '1',
    },
    taskQueuePartitions,
  ),
  limits: many(
    {
      flag: 'limit',
      group: 'What runs here',
      placeholder: 'KEY=VALUE',
      help: 'Moves one of the limits listed by "duramesh limits"; repeatable.',
    },
    pair(limitParser, 'KEY=VALUE, such as limit.blobSize.error=4MiB'),
  ),
  callbackAddresses: many(
    {
      flag: 'callback-address',
      group: 'What runs here',
      placeholder: 'HOST',
      help: 'Completion callbacks may be registered for it: HOST:PORT with * for anything; http:// allows http too.',
    },
    callbackAddress,
  ),
  config: optional(
    {
      flag: 'config',
      group: 'What runs here',
      placeholder: 'FILE',
      help: 'A JSON object with these settings by their flag: {"port": 7300, "namespace": ["a", "b"]}.',
    },
    text,
  ),
  namespaces: many(
    {
      flag: 'namespace',
      group: 'What is there from the start',
      placeholder: 'NAME',
      help: 'One more namespace to create, beside default; repeatable.',
    },
    matching(/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/, 'a namespace name: letters, digits, dots and dashes, 2 at least'),
  ),
  searchAttributes: many(
    {
      flag: 'search-attribute',
      group: 'What is there from the start',
      placeholder: 'KEY=TYPE',
      help: `A search attribute to create in these namespaces; repeatable. Types: ${attributeTypes.join(', ')}.`,
    },
    pair(() => oneOf(...attributeTypes), 'KEY=TYPE, such as CustomerId=Keyword'),
  ),
  retentionMs: one(
    {
      flag: 'retention',
      group: 'What is there from the start',
      placeholder: 'TIME',
      help: 'How long these namespaces keep closed runs.',
      defaultHelp: '24h',
    },
    duration(3_600_000, 'a duration of one hour or more, such as 24h or 7d'),
    86_400_000,
  ),
  logLevel: one(
    { flag: 'log-level', group: 'Watching', placeholder: 'LEVEL', help: 'debug, info, warn, error or silent.' },
    oneOf('debug', 'info', 'warn', 'error', 'silent'),
    'info',
  ),
  logFormat: optional(
    {
      flag: 'log-format',
      group: 'Watching',
      placeholder: 'FORMAT',
      help: 'json, one object a line, or text for people.',
      defaultHelp: 'text on a terminal, else json',
    },
    oneOf('json', 'text'),
  ),
};

export type SettingValues = ValuesOf<typeof settings>;
