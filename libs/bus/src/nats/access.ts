import { credsAuthenticator, nkeyAuthenticator, type NodeConnectionOptions } from '@nats-io/transport-node';

/** Where the brokers are and how to prove to them who we are. */
export interface NatsAccessOptions {
  /** One or more, with commas: `nats://user:password@broker-1:4222,nats://broker-2:4222`. A login in one is for all. */
  readonly urls: string;
  /** When the URL names a user without one. */
  readonly password?: string | undefined;
  /** Paths. */
  readonly credentials?: string | undefined;
  readonly nkey?: string | undefined;
  readonly tlsCa?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** Asked at every dial, so that renewed files count without a restart. @throws when the file cannot be read */
  readonly readText?: ((path: string) => string) | undefined;
}

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  /** `host:port`, as brokers and messages name it. */
  readonly text: string;
}

/** What a connection proves itself by. */
export type NatsAuth = Pick<NodeConnectionOptions, 'user' | 'pass' | 'authenticator' | 'tls'>;

/** Something given that cannot work, in one line that says what to correct. */
export class NatsAccessFault extends Error {
  override readonly name = 'NatsAccessFault';
}

export interface NatsAccess {
  readonly brokers: readonly BrokerAddress[];
  /** How messages call the login: never what is secret about it. */
  readonly login: string;
  /** @throws NatsAccessFault when a file cannot be read or is not what it should be */
  auth(): NatsAuth;
}

const DEFAULT_PORT = 4222;
const utf8 = new TextEncoder();

/** @throws NatsAccessFault */
export function natsAccess(options: NatsAccessOptions): NatsAccess {
  const urls = options.urls.split(',').map(urlOf);
  const user = userOf(urls, options);
  const ways = [user && 'a user', options.credentials && '--nats-credentials', options.nkey && '--nats-nkey'];
  const given = ways.filter((way) => way !== undefined && way !== '');
  if (given.length > 1) throw new NatsAccessFault(`give one login for the broker, not ${given.join(' and ')}`);
  if ((options.tlsCert === undefined) !== (options.tlsKey === undefined)) {
    throw new NatsAccessFault('--nats-tls-cert and --nats-tls-key go together: give both');
  }
  const isTls = urls.some(({ protocol }) => protocol === 'tls:');
  const access: NatsAccess = {
    brokers: urls.map((url) => brokerOf(url.hostname, Number(url.port || DEFAULT_PORT))),
    login: loginText(options, user?.user),
    auth: () => ({ ...user, ...authenticatorOf(options), ...tlsOf(options, isTls) }),
  };
  access.auth();
  return access;
}

/** `host:port` as brokers tell it of each other. */
export function brokerAt(address: string): BrokerAddress | undefined {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(address) ?? [];
  return host === undefined ? undefined : brokerOf(host, Number(port));
}

const brokerOf = (hostname: string, port: number): BrokerAddress => ({
  host: hostname.replace(/^\[(.*)\]$/, '$1'),
  port,
  text: `${hostname}:${port}`,
});

function urlOf(text: string): URL {
  try {
    const url = new URL(text.trim());
    if ((url.protocol === 'nats:' || url.protocol === 'tls:') && url.hostname !== '') return url;
  } catch {
    // Told below, without what may be a password.
  }
  throw new NatsAccessFault(`--nats must be a URL such as nats://127.0.0.1:4222, or several with commas`);
}

function userOf(urls: readonly URL[], { password }: NatsAccessOptions): { user: string; pass: string } | undefined {
  const logins = urls.filter(({ username }) => username !== '');
  const texts = new Set(logins.map(({ username, password: secret }) => `${username}:${secret}`));
  if (texts.size > 1) throw new NatsAccessFault('the URLs of --nats name different logins: give the same in each');
  const [login] = logins;
  if (login === undefined) return undefined;
  const pass = login.password === '' ? (password ?? '') : decodeURIComponent(login.password);
  return { user: decodeURIComponent(login.username), pass };
}

function loginText({ credentials, nkey }: NatsAccessOptions, user: string | undefined): string {
  if (user !== undefined) return `user "${user}"`;
  if (credentials !== undefined) return `the credentials in ${credentials}`;
  return nkey === undefined ? '' : `the NKey in ${nkey}`;
}

function authenticatorOf(options: NatsAccessOptions): Pick<NatsAuth, 'authenticator'> {
  const { credentials, nkey } = options;
  if (credentials !== undefined) {
    const authenticator = credsAuthenticator(utf8.encode(fileOf(options, '--nats-credentials', credentials)));
    return {
      authenticator: proven(authenticator, `--nats-credentials: ${credentials} holds no JWT and seed of a user`),
    };
  }
  if (nkey === undefined) return {};
  const [seed] = /\bSU[A-Z2-7]{56}\b/.exec(fileOf(options, '--nats-nkey', nkey)) ?? [];
  const fault = `--nats-nkey: ${nkey} holds no seed of a user (58 characters that begin with SU)`;
  if (seed === undefined) throw new NatsAccessFault(fault);
  return { authenticator: proven(nkeyAuthenticator(utf8.encode(seed)), fault) };
}

/** Tries it on a challenge, so that a broken key is told here and not at the first dial. */
function proven<A extends (nonce?: string) => unknown>(authenticator: A, fault: string): A {
  try {
    authenticator('challenge');
  } catch {
    throw new NatsAccessFault(fault); // without the cause: it may quote the secret
  }
  return authenticator;
}

function tlsOf(options: NatsAccessOptions, isTls: boolean): Pick<NatsAuth, 'tls'> {
  const read = (flag: string, path: string | undefined): string | undefined =>
    path === undefined ? undefined : fileOf(options, flag, path);
  const ca = read('--nats-tls-ca', options.tlsCa);
  const cert = read('--nats-tls-cert', options.tlsCert);
  const key = read('--nats-tls-key', options.tlsKey);
  if (!isTls && ca === undefined && cert === undefined) return {};
  return {
    tls: { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) },
  };
}

function fileOf({ readText }: NatsAccessOptions, flag: string, path: string): string {
  try {
    if (readText === undefined) throw new Error('files are not read here');
    return readText(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NatsAccessFault(`${flag}: ${path} cannot be read: ${why}`, { cause });
  }
}
