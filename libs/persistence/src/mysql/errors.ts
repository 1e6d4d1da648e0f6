import { StoreFault } from '../api/store.ts';

/** A statement failed. Those before it, in the same packet, had their effect. */
export class StatementFailure extends Error {
  override readonly name = 'StatementFailure';
  /** How many statements of the packet were answered before. */
  readonly completed: number;

  constructor(completed: number, cause: unknown) {
    super(messageOf(cause), { cause });
    this.completed = completed;
  }
}

/** Numbers of errors that both servers know, but where it says otherwise. @see https://mariadb.com/kb/en/mariadb-error-codes */
const codes = {
  deadlock: [1213],
  lockTimeout: [1205, 3572],
  /** A row has another version than the snapshot; newer MariaDB says it where others say deadlock. */
  recordChanged: [1020],
  duplicate: [1062],
  notNull: [1048],
  /** Longer or larger than its column. */
  misfit: [1264, 1406],
  interrupted: [1317, 1969, 3024],
  /** Shutting down, killed, idle for too long. */
  gone: [1053, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 4031],
  readOnly: [1290, 1792, 1836],
  full: [28, 1021, 1026, 1114],
  busy: [1040, 1041, 1129, 1203, 1226],
  login: [1045, 1130, 1251, 1524, 1698, 1820],
  rights: [1044, 1142, 1143, 1227, 1370],
  noDatabase: [1049],
  schema: [1054, 1146],
  insecure: [3159],
  packet: [1153, 1162, 1301],
  corrupt: [126, 127, 1033, 1034, 1035, 1194, 1195, 1712, 1877],
  statementFormat: [1665],
} as const;

type Kind = keyof typeof codes;

const kinds = new Map<number, Kind>(
  Object.entries(codes).flatMap(([kind, numbers]) => numbers.map((number) => [number, kind as Kind] as const)),
);

/** What the driver, the socket and TLS call a connection that is not, or is no more. */
const lostCodes: ReadonlySet<string> = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
  'PROTOCOL_ENQUEUE_AFTER_QUIT',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'ERR_STREAM_DESTROYED',
]);

const tlsCodes = /^(?:HANDSHAKE_|ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

interface DriverError {
  readonly number: number | undefined;
  readonly code: string | undefined;
  readonly isFatal: boolean;
}

function driverError(error: unknown): DriverError | undefined {
  const cause = error instanceof StatementFailure ? error.cause : error;
  if (!(cause instanceof Error)) return undefined;
  const number = 'errno' in cause && typeof cause.errno === 'number' && cause.errno > 0 ? cause.errno : undefined;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  // The driver refuses a command after the connection has closed with neither number nor code.
  const isFatal = 'fatal' in cause && cause.fatal === true;
  if (number === undefined && code === undefined && !isFatal) return undefined;
  return { number, code, isFatal };
}

function kindOf(error: unknown): Kind | undefined {
  const number = driverError(error)?.number;
  return number === undefined ? undefined : kinds.get(number);
}

/** The connection cannot be used any more. */
export function isLost(error: unknown): boolean {
  const driver = driverError(error);
  if (driver === undefined) return false;
  return driver.isFatal || kindOf(error) === 'gone' || (driver.code !== undefined && lostCodes.has(driver.code));
}

/** The server said so itself, instead of the connection breaking. */
export const isAnswer = (error: unknown): boolean => driverError(error)?.number !== undefined;

/** Another transaction was in the way: the same again may succeed. */
export function isInTheWay(error: unknown): boolean {
  const kind = kindOf(error);
  return kind === 'deadlock' || kind === 'lockTimeout' || kind === 'recordChanged' || kind === 'interrupted';
}

/** A row was there that the conditions of the statement had not shown. */
export const isOvertaken = (error: unknown): boolean => ['duplicate', 'notNull'].includes(kindOf(error) ?? '');
export const isDuplicate = (error: unknown): boolean => kindOf(error) === 'duplicate';
export const isMissingDatabase = (error: unknown): boolean => kindOf(error) === 'noDatabase';

export const isReadOnly = (error: unknown): boolean => kindOf(error) === 'readOnly';

/** The server is there but will not do it for now. */
export function isRefusedForNow(error: unknown): boolean {
  return ['readOnly', 'busy'].includes(kindOf(error) ?? '');
}

/** It did not happen although the server was asked to commit. Everything else about a commit leaves its fate open. */
export const isRolledBack = (error: unknown): boolean => ['deadlock', 'readOnly'].includes(kindOf(error) ?? '');

/** Nothing works on this database any more: trying the writes of a group one by one would only fail as often. */
export function isOutage(error: unknown): boolean {
  const kind = kindOf(error);
  return isLost(error) || isInTheWay(error) || isRefusedForNow(error) || kind === 'rights' || kind === 'schema';
}

/**
 * The one table from the driver's errors to faults. A constraint is no fault, since every condition is checked before: it
 * stays what it is, as all other errors do.
 */
export function toFault(error: unknown, shown: string): unknown {
  if (error instanceof StoreFault) return error;
  const driver = driverError(error);
  if (driver === undefined) return error;
  const kind = kindOf(error);
  if (isConstraint(kind)) return error;
  const [code, what] = kind === undefined ? unnumbered(error, driver) : descriptions[kind];
  return new StoreFault(code, `the MySQL database ${shown} ${what}`, { cause: error });
}

type Constraint = 'duplicate' | 'notNull' | 'misfit';

const isConstraint = (kind: Kind | undefined): kind is Constraint =>
  kind === 'duplicate' || kind === 'notNull' || kind === 'misfit';

type Description = readonly [code: StoreFault['code'], what: string];

const descriptions: Readonly<Record<Exclude<Kind, Constraint>, Description>> = {
  deadlock: ['unavailable', 'met the same deadlock again and again: look for other programs that use it'],
  lockTimeout: ['unavailable', 'keeps a row locked for too long: look for a transaction that does not end'],
  recordChanged: ['unavailable', 'found a row changed again and again: look for other programs that use it'],
  interrupted: ['unavailable', 'ended a statement before it was done: look at its load and its time limits'],
  gone: ['unavailable', 'has ended the connection: check that it runs'],
  readOnly: ['unavailable', 'is read-only: name the primary server, or allow writes'],
  full: ['full', 'cannot grow, its disk is full: free some space'],
  busy: ['unavailable', 'takes no more connections: raise max_connections, or lower pool_size in the URL'],
  login: ['refused', 'does not let this user in from here: check user, password and host'],
  rights: ['refused', 'does not give this user the rights: grant them on the whole database'],
  noDatabase: ['refused', 'does not exist: check its name, or run duramesh schema setup --db URL'],
  schema: ['schema', 'lacks a table or column: run duramesh schema status --db URL'],
  insecure: ['refused', 'demands TLS: put sslmode=require, or a stricter one, into the URL'],
  packet: ['unavailable', 'takes no packet as large as this: raise max_allowed_packet'],
  corrupt: ['corrupt', 'is damaged: restore it from a backup'],
  statementFormat: ['refused', 'logs statements, which cannot be: set binlog_format to ROW'],
};

function unnumbered(error: unknown, { code = '' }: DriverError): Description {
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') {
    return ['refused', 'speaks no TLS: switch it on there, or put sslmode=disable into the URL'];
  }
  if (code.startsWith('AUTH_')) return ['refused', `asks for a login that is not known here: ${messageOf(error)}`];
  if (tlsCodes.test(code)) {
    return ['refused', `has a certificate that is not trusted: ${messageOf(error)}: check sslmode and sslrootcert`];
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return ['unavailable', 'has a host that is not known: check its name'];
  if (lostCodes.has(code)) return ['unavailable', 'cannot be reached: check that it runs and listens there'];
  return ['unavailable', `answered: ${messageOf(error)}`];
}

/** One line, whatever the server says. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s+/g, ' ').slice(0, 500);
}
