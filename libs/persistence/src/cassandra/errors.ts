import { errors, types } from 'cassandra-driver';
import { StoreFault } from '../api/store.ts';

/** Codes of the native protocol, as the server sends them. */
const code = types.responseErrorCodes;
/** What the driver's table leaves out. */
const READ_FAILURE = 0x1300;
const WRITE_FAILURE = 0x1500;
const CAS_WRITE_UNKNOWN = 0x1700;

const NO_CONNECTION = 'No connection available';

const codeOf = (error: unknown): number | undefined => (error instanceof errors.ResponseError ? error.code : undefined);
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const passing: ReadonlySet<number | undefined> = new Set([
  code.serverError,
  code.unavailableException,
  code.overloaded,
  code.isBootstrapping,
  code.truncateError,
  code.writeTimeout,
  code.readTimeout,
  READ_FAILURE,
  WRITE_FAILURE,
  CAS_WRITE_UNKNOWN,
]);

/** The server, or the way to it, may be well again in a moment. */
export function isPassing(error: unknown): boolean {
  if (error instanceof errors.ResponseError) return passing.has(error.code);
  if (error instanceof errors.NoHostAvailableError) return !isRefusal(firstInner(error));
  if (error instanceof errors.OperationTimedOutError || error instanceof errors.BusyConnectionError) return true;
  return isSocketError(error) || isWithoutConnection(error);
}

/**
 * A conditional batch that failed so was never proposed: the coordinator saw too few replicas, or none was reached.
 * Everything else that went wrong with one leaves open whether it is stored.
 */
export function isUnsent(error: unknown): boolean {
  return (
    codeOf(error) === code.unavailableException ||
    error instanceof errors.BusyConnectionError ||
    error instanceof errors.NoHostAvailableError
  );
}

/**
 * The driver takes a node for usable and has no connection to it; nor does it always try for one then. It says so bare where it
 * goes back to a node that it has just lost: whether the request was sent before is then not known.
 */
export const isWithoutConnection = (error: unknown): boolean =>
  messageOf(error instanceof errors.NoHostAvailableError ? firstInner(error) : error) === NO_CONNECTION;

/** The one table from the driver's errors to faults; `where` names the cluster for people. What is a mistake of ours stays what it is. */
export function toFault(error: unknown, where: string): unknown {
  const options = { cause: error };
  const fault = (kind: StoreFault['code'], text: string): StoreFault =>
    new StoreFault(kind, `Cassandra at ${where} ${text}`, options);
  if (error instanceof errors.NoHostAvailableError) return unreachableFault(error, where);
  if (error instanceof errors.AuthenticationError) return fault('refused', refusedLogin);
  if (error instanceof errors.OperationTimedOutError)
    return fault('unavailable', 'does not answer in time: check its load');
  if (error instanceof errors.BusyConnectionError)
    return fault('unavailable', 'has more requests under way than connections carry: try again');
  if (error instanceof errors.ResponseError) return responseFault(error, fault);
  if (isSocketError(error) || isWithoutConnection(error))
    return fault('unavailable', `cannot be reached (${messageOf(error)}): check host and port`);
  return error;
}

type MakeFault = (kind: StoreFault['code'], text: string) => StoreFault;

const refusedLogin = 'refuses the user or password: correct the URL or DURAMESH_DB_PASSWORD';

function responseFault(error: errors.ResponseError, fault: MakeFault): unknown {
  switch (error.code) {
    case code.badCredentials:
      return fault('refused', refusedLogin);
    case code.unauthorized:
      return fault(
        'refused',
        `says that this user lacks rights (${error.message}): grant SELECT and MODIFY on the keyspace`,
      );
    case code.unavailableException:
      return fault('unavailable', 'has too few replicas alive for a quorum: bring nodes back');
    case code.overloaded:
    case code.isBootstrapping:
      return fault('unavailable', 'is overloaded or still starting: try again');
    case code.writeTimeout:
    case code.readTimeout:
    case CAS_WRITE_UNKNOWN:
      return fault('unavailable', 'has replicas that do not answer in time: check their load');
    case READ_FAILURE:
    case WRITE_FAILURE:
      return fault('unavailable', `has replicas that fail (${error.message}): see their logs`);
    case code.serverError:
    case code.truncateError:
      return fault('unavailable', `failed (${error.message}): see its log`);
    case code.invalid:
      return isSchemaMistake(error.message)
        ? fault('schema', `lacks what this server needs (${error.message}): run duramesh schema update`)
        : error;
    default:
      return error;
  }
}

const isSchemaMistake = (message: string): boolean =>
  /keyspace .* does not exist|unconfigured table|undefined column|unknown identifier|table .* does not exist/i.test(
    message,
  );

function unreachableFault(error: errors.NoHostAvailableError, where: string): unknown {
  const inner = firstInner(error);
  if (inner === undefined) {
    return new StoreFault('unavailable', `Cassandra at ${where} has no node that can be used now: see that it runs`, {
      cause: error,
    });
  }
  const fault = toFault(inner, where);
  return fault instanceof StoreFault
    ? fault
    : new StoreFault('unavailable', `Cassandra at ${where} cannot be used: ${messageOf(inner)}`, { cause: error });
}

/** Trying again will not help. */
function isRefusal(error: unknown): boolean {
  const refused = codeOf(error);
  if (error instanceof errors.AuthenticationError || error instanceof errors.ArgumentError) return true;
  return refused === code.badCredentials || refused === code.invalid;
}

function firstInner(error: errors.NoHostAvailableError): unknown {
  const inner: unknown = error.innerErrors;
  return typeof inner === 'object' && inner !== null ? Object.values(inner)[0] : undefined;
}

function isSocketError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('isSocketError' in error && error.isSocketError === true) return true;
  return 'code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code);
}
