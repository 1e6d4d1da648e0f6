import { DatabaseError } from 'pg';
import { StoreFault } from '../api/store.ts';

/** SQLSTATEs. @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const LOCK_NOT_AVAILABLE = '55P03';
/** Data, constraint and syntax: what only a fault of this program can cause, but for what has a meaning below. */
const OWN_FAULT = /^(?:22|23|42)/;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** The statement was undone as a whole, and the connection goes on. Anything else that ends a statement leaves its fate open. */
export const isUndone = (error: unknown): boolean => error instanceof DatabaseError && error.severity === 'ERROR';

/** Undone because of what others did at the same moment: the same again may well succeed. */
export function isTransient(error: unknown): boolean {
  const code = codeOf(error);
  return (
    isUndone(error) && (code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED || code === LOCK_NOT_AVAILABLE)
  );
}

/** Every condition is checked before, so what breaks a constraint is our own fault. */
const isBrokenInvariant = (error: unknown): boolean =>
  isUndone(error) && OWN_FAULT.test(codeOf(error)) && !Object.hasOwn(meanings, codeOf(error));

/** What one write of many may have caused by itself: the others go through without it. */
export const isOfOneWrite = (error: unknown): boolean =>
  isBrokenInvariant(error) || (isUndone(error) && /^(?:53100|54)/.test(codeOf(error)));

export const isUniqueViolation = (error: unknown): boolean => codeOf(error) === '23505';
export const isDatabaseMissing = (error: unknown): boolean => codeOf(error) === '3D000';

interface Meaning {
  readonly code: StoreFault['code'];
  /** Goes on a sentence that begins with the database's name. */
  readonly says: string;
}

const away = (says: string): Meaning => ({ code: 'unavailable', says });
const refused = (says: string): Meaning => ({ code: 'refused', says });
const schema = (says: string): Meaning => ({ code: 'schema', says });
const corrupt = (says: string): Meaning => ({ code: 'corrupt', says });

const UNREACHABLE = away('cannot be reached: start it, or correct host and port');
const BROKEN = away('broke the connection: it is restarting, or something in between is down');
const UNTRUSTED = refused('shows a certificate that is not trusted: name its authority with sslrootcert');
const STARTING = away('is starting or stopping: it will be tried again');
const NO_TABLES = schema('lacks parts of the schema: run duramesh schema status');
const DAMAGED = corrupt('is damaged: restore it from a backup');

/** Codes of the operating system, of TLS and of the server. */
const meanings: Readonly<Record<string, Meaning>> = {
  ECONNREFUSED: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  ENOENT: UNREACHABLE,
  ENOTFOUND: away('has a host that nobody knows: correct its name'),
  EAI_AGAIN: away('has a host whose name cannot be looked up now'),
  ECONNRESET: BROKEN,
  EPIPE: BROKEN,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_HAS_EXPIRED: refused('shows a certificate that has expired: renew it'),
  ERR_TLS_CERT_ALTNAME_INVALID: refused('shows a certificate for another host: correct the host, or sslmode=verify-ca'),
  '28P01': refused('refuses the password: correct it in the URL or in DURAMESH_DB_PASSWORD'),
  '28000': refused('refuses this user, from here or without TLS: correct the user, sslmode, or its pg_hba.conf'),
  '3D000': refused('does not exist: create it, or run duramesh schema setup'),
  '42501': refused('denies this user the rights it needs: grant it all on the schema of the tables'),
  '25006': away('takes no writes: it is a standby or was made read-only; name the primary'),
  '53100': { code: 'full', says: 'cannot grow, its disk is full: free some space' },
  '53200': away('is out of memory'),
  '53300': away('has no connection left: raise its max_connections, or lower pool_size'),
  '57014': away('took too long for a statement: raise statement_timeout_ms, or find out what holds it up'),
  '57P01': STARTING,
  '57P02': STARTING,
  '57P03': STARTING,
  '58030': away('failed in input or output: check its disk'),
  '42P01': NO_TABLES,
  '42703': NO_TABLES,
  '3F000': NO_TABLES,
  XX001: DAMAGED,
  XX002: DAMAGED,
};

/** What the driver says in words alone. */
const sayings: readonly (readonly [RegExp, Meaning])[] = [
  [/does not support SSL/, refused('speaks no TLS: set it up there, or add sslmode=disable to the URL')],
  [
    /password must be a (?:non-empty )?string/,
    refused('asks for a password: set DURAMESH_DB_PASSWORD, or name one in the URL'),
  ],
  [/timeout|timed out/i, away('does not answer in time: it is stopped, overloaded or cut off')],
  [/Connection terminated|Client has encountered a connection error|not queryable/, BROKEN],
];

/** The one table from the driver's errors to faults. Broken invariants stay what they are, and so does what nobody knows. */
export function toFault(error: unknown, shown: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreFault || isBrokenInvariant(error)) return error;
  const meaning = meanings[codeOf(error)] ?? sayings.find(([words]) => words.test(error.message))?.[1];
  const database = `the database ${shown}`;
  if (meaning !== undefined) return new StoreFault(meaning.code, `${database} ${meaning.says}`, { cause: error });
  const isOfDatabase = error instanceof DatabaseError || codeOf(error) !== '';
  return isOfDatabase
    ? new StoreFault('unavailable', `${database} answered: ${error.message}`, { cause: error })
    : error;
}
