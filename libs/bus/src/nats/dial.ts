import { createConnection } from 'node:net';
import {
  AuthorizationError,
  connect,
  type NatsConnection,
  UserAuthenticationExpiredError,
} from '@nats-io/transport-node';
import type { Clock } from '@duramesh/runtime';
import { type BrokerAddress, type NatsAccess, NatsAccessFault } from './access.ts';

/** How long a broker may take to greet, and then to let us in. */
const GREETING_MS = 2_000;
const LOGIN_MS = 5_000;
/** How every greeting begins. */
const HELLO = 'INFO ';
/** No greeting is as long. */
const GREETING_LIMIT_BYTES = 64 * 1024;
/** A broker that hangs is noticed after three of these. */
const PING_INTERVAL_MS = 1_500;

/** Why a broker did not take a connection, in a line that says what to do. */
export class DialFault extends Error {
  override readonly name = 'DialFault';
  /** It is there and does not want us: waiting does not help. */
  readonly isRefusal: boolean;

  constructor(message: string, isRefusal: boolean, options?: ErrorOptions) {
    super(message, options);
    this.isRefusal = isRefusal;
  }
}

export interface DialOptions {
  /** As the broker lists the connection. */
  readonly name: string;
  readonly access: NatsAccess;
  readonly clock: Clock;
  /** Whose certificate a broker shows that others have told of by its IP address. */
  readonly tlsName?: string | undefined;
}

/**
 * Connects to one broker.
 * @throws DialFault
 */
export async function dial(
  broker: BrokerAddress,
  { name, access, clock, tlsName }: DialOptions,
): Promise<NatsConnection> {
  await greeted(broker, clock);
  try {
    const { tls, ...login } = access.auth();
    // A certificate is held against the name, and where there is none against the address.
    const naming = { host: broker.host, ...(tlsName !== undefined && { servername: tlsName }) };
    return await connect({
      name,
      servers: broker.text,
      ...login,
      ...(tls && { tls: { ...tls, ...naming } }),
      timeout: LOGIN_MS,
      pingInterval: PING_INTERVAL_MS,
      maxPingOut: 2,
      reconnect: false,
      ignoreAuthErrorAbort: true,
      noAsyncTraces: true,
    });
  } catch (cause) {
    throw faultOf(cause, broker, access);
  }
}

/**
 * Waits for the words every broker begins with. The client library does not close its socket when they do not come:
 * a broker that hangs would cost a socket for every try.
 */
function greeted({ host, port, text }: BrokerAddress, clock: Clock): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = createConnection({ host, port, noDelay: true });
  let hasAccepted = false;
  let greeting = '';
  const timer = clock.schedule(GREETING_MS, () => socket.destroy());
  socket.once('connect', () => (hasAccepted = true));
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    greeting += chunk;
    const isForeign = greeting.slice(0, HELLO.length) !== HELLO.slice(0, greeting.length);
    if (isForeign || greeting.includes('\n') || greeting.length > GREETING_LIMIT_BYTES) socket.destroy();
  });
  let fault: NodeJS.ErrnoException | undefined;
  socket.once('error', (error) => (fault = error));
  socket.once('close', () => {
    timer.cancel();
    if (greeting.startsWith(HELLO) && greeting.includes('\n')) resolve();
    else reject(greetingFault({ text, fault, hasAccepted, greeting }));
  });
  return promise;
}

interface NoGreeting {
  readonly text: string;
  readonly fault: NodeJS.ErrnoException | undefined;
  readonly hasAccepted: boolean;
  readonly greeting: string;
}

function greetingFault({ text, fault, hasAccepted, greeting }: NoGreeting): DialFault {
  if (greeting !== '') return new DialFault(`${text} is no NATS broker: correct --nats`, true);
  if (hasAccepted) {
    return new DialFault(`${text} accepts connections and says nothing: it hangs, or is no NATS broker`, false);
  }
  if (fault === undefined) return new DialFault(`${text} does not answer: start the broker, or correct --nats`, false);
  const options = { cause: fault };
  switch (fault.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new DialFault(`the host of ${text} is not known: correct --nats`, false, options);
    case 'ECONNREFUSED':
      return new DialFault(`${text} refuses connections: start the broker, or correct --nats`, false, options);
    default:
      return new DialFault(
        `${text} cannot be reached (${fault.code ?? fault.message}): start the broker, or correct --nats`,
        false,
        options,
      );
  }
}

function faultOf(error: unknown, { text }: BrokerAddress, access: NatsAccess): DialFault {
  if (error instanceof NatsAccessFault) return new DialFault(error.message, true, { cause: error });
  const options = { cause: error };
  if (error instanceof AuthorizationError || error instanceof UserAuthenticationExpiredError) {
    return new DialFault(loginFault(text, access.login), true, options);
  }
  const why = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const tls = tlsFault(code, why);
  if (tls !== undefined) return new DialFault(`${text} ${tls}`, true, options);
  return new DialFault(`${text} did not let us in: ${why}`, false, options);
}

const loginFault = (text: string, login: string): string =>
  login === ''
    ? `${text} asks for a login: give --nats-credentials, --nats-nkey, or a user and a password in --nats`
    : `${text} refuses ${login}: correct the login, or what the broker knows of it`;

/** What went wrong with TLS, or undefined when something else did. */
function tlsFault(code: string, why: string): string | undefined {
  if (why.includes("does not support 'tls'"))
    return 'offers no TLS: turn it on there, or give a nats: URL and no --nats-tls flag';
  if (/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|ALERT_UNKNOWN_CA|ALERT_CERTIFICATE/.test(code)) {
    return 'wants another client certificate: give --nats-tls-cert and --nats-tls-key that it trusts';
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `shows a certificate of another host (${why}): correct --nats`;
  if (/CERT|SELF_SIGNED|UNABLE_TO|ISSUER/.test(code)) {
    return `shows a certificate that is not trusted (${why}): give the CA that signed it with --nats-tls-ca`;
  }
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_OSSL')) return `speaks no TLS that we understand (${why})`;
  return undefined;
}
