import { StoreFault } from './api/store.ts';

/**
 * How the connection is kept from others: `disable` not at all; `require` encrypted, to whoever answers; `verify-ca`
 * encrypted, to a server with a certificate of a known authority; `verify-full` also of the host's own name.
 */
export type TlsMode = (typeof tlsModes)[number];
const tlsModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const;

/** Contents, not names, of PEM files. */
export interface TlsFiles {
  /** The authorities to trust; those of the system when left out. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface DatabaseHost {
  readonly host: string;
  readonly port: number;
}

/** What a URL of a server database says, with the secrets that came from elsewhere. */
export interface DatabaseUrl {
  /** At least one. The folder of a socket starts with `/`. */
  readonly hosts: readonly [DatabaseHost, ...DatabaseHost[]];
  /** Database or keyspace. */
  readonly database: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly tls: TlsFiles & { readonly mode: TlsMode };
  /** Connections of one process at most. */
  readonly poolSize: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** Parameters of this kind of database only. */
  readonly own: ReadonlyMap<string, string>;
  /** The URL for people: without password and parameters. */
  readonly shown: string;
}

/** What one kind of database allows in its URLs. */
export interface DatabaseUrlRules {
  readonly schemes: readonly [string, ...string[]];
  readonly defaultPort: number;
  readonly defaultPoolSize: number;
  /** Further parameters than those all have. */
  readonly own?: readonly string[];
}

/** Where secrets and certificates come from that are not in the URL. */
export interface DatabaseSecrets {
  /** The password, where the URL names none: `DURAMESH_DB_PASSWORD`. */
  readonly password?: string | undefined;
  /** @throws when the file cannot be read */
  readonly readText?: (path: string) => string;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;
const DEFAULT_STATEMENT_TIMEOUT_MS = 10_000;
const MAX_POOL_SIZE = 1_000;
const MAX_TIMEOUT_MS = 600_000;

const common = [
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'password_file',
  'pool_size',
  'connect_timeout_ms',
  'statement_timeout_ms',
];

/**
 * Reads `scheme://user:password@host:port,host/database?parameters`. Beyond this machine TLS is `verify-full` unless
 * `sslmode` says otherwise. The password may also stand in the file `password_file`, or come from outside.
 * @throws StoreFault `refused` with one sentence that names what is wrong, never the password
 */
export function parseDatabaseUrl(text: string, rules: DatabaseUrlRules, secrets: DatabaseSecrets = {}): DatabaseUrl {
  const example = `${rules.schemes[0]}://user@host:${rules.defaultPort}/database`;
  const match = /^([a-z]+):\/\/(?:([^/?#]*)@)?([^/@?#]*)\/([^/?#]*)(?:\?([^#]*))?$/.exec(text);
  if (match === null || !rules.schemes.includes(match[1] ?? '')) {
    throw refusal(`the URL of the database cannot be read: write it as ${example}`);
  }
  const [, scheme = '', login = '', hostList = '', path = '', query = ''] = match;
  const [user, ...passwords] = login.split(':').map((part) => decoded(part, 'user or password'));
  const parameters = readParameters(query, rules);
  const hosts = readHosts(hostList, rules);
  const database = decoded(path, 'database');
  if (database === '') throw refusal(`the URL of the database names no database: write it as ${example}`);
  const shown = `${scheme}://${hostList}/${database}`;
  return {
    hosts,
    database,
    user: user === '' ? undefined : user,
    password: readPassword(passwords.length > 0 ? passwords.join(':') : undefined, parameters, secrets),
    tls: readTls(parameters, hosts, secrets),
    poolSize: readCount(parameters, 'pool_size', { initial: rules.defaultPoolSize, most: MAX_POOL_SIZE }),
    connectTimeoutMs: readCount(parameters, 'connect_timeout_ms', {
      initial: DEFAULT_CONNECT_TIMEOUT_MS,
      most: MAX_TIMEOUT_MS,
    }),
    statementTimeoutMs: readCount(parameters, 'statement_timeout_ms', {
      initial: DEFAULT_STATEMENT_TIMEOUT_MS,
      most: MAX_TIMEOUT_MS,
    }),
    own: new Map([...parameters].filter(([name]) => rules.own?.includes(name))),
    shown,
  };
}

/** A URL of any kind as it may be shown: without the user and the password. */
export const withoutLogin = (url: string): string => url.replace(/\/\/[^/]*@/, '//');

type Parameters = ReadonlyMap<string, string>;

const refusal = (message: string, options?: ErrorOptions): StoreFault => new StoreFault('refused', message, options);

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refusal(`the ${what} in the URL of the database has a stray '%': write it as %25`);
  }
}

function readParameters(query: string, { own = [] }: DatabaseUrlRules): Parameters {
  const known = [...common, ...own];
  const parameters = new Map(new URLSearchParams(query));
  for (const name of parameters.keys()) {
    if (known.includes(name)) continue;
    throw refusal(`the URL of the database has an unknown parameter '${name}': there are ${known.join(', ')}`);
  }
  return parameters;
}

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|\[?::1\]?|localhost|\/.*)$/;

/** The folder of a socket is written with %2F. */
function readHosts(list: string, rules: DatabaseUrlRules): DatabaseUrl['hosts'] {
  const hosts = list.split(',').map((name) => {
    const [, host = '', port] = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(name) ?? [];
    const number = port === undefined ? rules.defaultPort : Number(port);
    if (host === '' || number < 1 || number > 65_535) {
      throw refusal(`'${name}' in the URL of the database is no host: write host or host:${rules.defaultPort}`);
    }
    return { host: decoded(host, 'host').replace(/^\[(.*)\]$/, '$1'), port: number };
  });
  const [first, ...others] = hosts;
  if (first === undefined) throw refusal('the URL of the database names no host');
  return [first, ...others];
}

function readPassword(inUrl: string | undefined, parameters: Parameters, secrets: DatabaseSecrets): string | undefined {
  const file = parameters.get('password_file');
  if (inUrl !== undefined) return inUrl;
  return file === undefined ? secrets.password : readFile(file, 'password_file', secrets).replace(/\r?\n$/, '');
}

function readFile(path: string, parameter: string, { readText }: DatabaseSecrets): string {
  try {
    if (readText === undefined) throw new Error('files are not read here');
    return readText(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw refusal(`the file that ${parameter} names cannot be read: ${why}`, { cause });
  }
}

function readTls(parameters: Parameters, hosts: DatabaseUrl['hosts'], secrets: DatabaseSecrets): DatabaseUrl['tls'] {
  const isHere = hosts.every(({ host }) => LOOPBACK.test(host));
  const given = parameters.get('sslmode') ?? (isHere ? 'disable' : 'verify-full');
  const mode = tlsModes.find((known) => known === given);
  if (mode === undefined) throw refusal(`sslmode in the URL of the database must be one of ${tlsModes.join(', ')}`);
  const contents = (parameter: string): string | undefined => {
    const path = parameters.get(parameter);
    return path === undefined ? undefined : readFile(path, parameter, secrets);
  };
  const [ca, cert, key] = [contents('sslrootcert'), contents('sslcert'), contents('sslkey')];
  if ((cert === undefined) !== (key === undefined)) {
    throw refusal('sslcert and sslkey in the URL of the database belong together: give both');
  }
  return {
    mode,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

function readCount(
  parameters: Parameters,
  name: string,
  { initial, most }: { readonly initial: number; readonly most: number },
): number {
  const text = parameters.get(name);
  if (text === undefined) return initial;
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most) throw refusal(`${name} in the URL of the database must be from 1 to ${most}`);
  return number;
}
