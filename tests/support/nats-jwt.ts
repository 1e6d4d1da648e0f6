import { nkeys } from '@nats-io/transport-node';

type KeyPair = ReturnType<typeof nkeys.createUser>;

const NO_LIMIT = -1;
const LIMITS = {
  subs: NO_LIMIT,
  data: NO_LIMIT,
  payload: NO_LIMIT,
};

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const seedOf = (pair: KeyPair): string => Buffer.from(pair.getSeed()).toString();

interface Claims {
  readonly name: string;
  readonly subject: KeyPair;
  readonly nats: object;
  /** Seconds since the epoch. */
  readonly expiresAt?: number | undefined;
}

function signed(issuer: KeyPair, { name, subject, nats, expiresAt }: Claims): string {
  const claims = {
    jti: subject.getPublicKey(),
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name,
    nats: { ...nats, version: 2 },
    ...(expiresAt !== undefined && { exp: expiresAt }),
  };
  const text = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(claims)}`;
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString('base64url')}`;
}

/** An operator with one account, as `nsc` would make them, for one broker of a test. */
export class NatsOperator {
  readonly #operator = nkeys.createOperator();
  readonly #account = nkeys.createAccount();

  /** What a broker must be told to trust it. */
  get configuration(): string {
    const limits = { ...LIMITS, imports: NO_LIMIT, exports: NO_LIMIT, wildcards: true, conn: NO_LIMIT, leaf: NO_LIMIT };
    const operator = signed(this.#operator, {
      name: 'operator',
      subject: this.#operator,
      nats: { type: 'operator' },
    });
    const account = signed(this.#operator, {
      name: 'duramesh',
      subject: this.#account,
      nats: { type: 'account', limits },
    });
    return [
      `operator: ${operator}`,
      'resolver: MEMORY',
      `resolver_preload: { ${this.#account.getPublicKey()}: ${account} }`,
    ].join('\n');
  }

  /** The `.creds` file of a new user of the account. */
  credentials({ expiresAt }: { readonly expiresAt?: number } = {}): string {
    const user = nkeys.createUser();
    const jwt = signed(this.#account, { name: 'user', subject: user, nats: { type: 'user', ...LIMITS }, expiresAt });
    return [
      '-----BEGIN NATS USER JWT-----',
      jwt,
      '------END NATS USER JWT------',
      '',
      '-----BEGIN USER NKEY SEED-----',
      seedOf(user),
      '------END USER NKEY SEED------',
      '',
    ].join('\n');
  }
}

/** A user that proves itself by signing: what the broker knows, and what stays secret. */
export function natsUserKey(): { readonly publicKey: string; readonly seed: string } {
  const user = nkeys.createUser();
  return { publicKey: user.getPublicKey(), seed: seedOf(user) };
}
