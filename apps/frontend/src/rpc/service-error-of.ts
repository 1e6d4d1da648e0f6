import { OWNER_UNKNOWN_TEXT } from '@duramesh/bus';
import { GrpcCode, invalidArgument, ServiceError, unavailable } from '@duramesh/contracts';
import { StoreFault } from '@duramesh/persistence';
import { fnv1a32 } from '@duramesh/runtime';

const SUFFIX = '... <truncated>';
/** What the bus client says when no answer came in time. */
const INNER_TIMEOUT_TEXT = 'context deadline exceeded';

/** A call to another service that took longer than it may, while the caller still waits, is worth a new try. */
const isInnerTimeout = (error: ServiceError): boolean =>
  error.code === GrpcCode.DEADLINE_EXCEEDED && error.message === INNER_TIMEOUT_TEXT;

interface Circumstances {
  readonly callerIsLate: boolean;
  readonly stopping: boolean;
}

function reworded(error: ServiceError, { callerIsLate, stopping }: Circumstances): ServiceError {
  if (isInnerTimeout(error) && !callerIsLate) return unavailable(OWNER_UNKNOWN_TEXT);
  // Waits end when the process stops; the caller's next try meets another one.
  return error.code === GrpcCode.CANCELLED && stopping ? unavailable('the server is stopping, please retry') : error;
}

/** The one table from what may be thrown to what a caller of the API sees. */
export function serviceErrorOf(error: unknown, circumstances: Circumstances): ServiceError {
  if (error instanceof ServiceError) return reworded(error, circumstances);
  if (error instanceof StoreFault && error.code === 'unsupported') return invalidArgument(error.message);
  if (error instanceof StoreFault) return unavailable(OWNER_UNKNOWN_TEXT);
  return new ServiceError(GrpcCode.INTERNAL, error instanceof Error ? error.message : String(error));
}

/** Texts of errors that are ours are not for callers: the hash finds the log line. */
export function masked(error: ServiceError): ServiceError {
  if (error.code !== GrpcCode.INTERNAL && error.code !== GrpcCode.UNKNOWN) return error;
  const hash = fnv1a32(error.message).toString(16).padStart(8, '0');
  return new ServiceError(error.code, `something went wrong, please retry (${hash})`, error.details);
}

export function truncated(error: ServiceError, maxBytes: number): ServiceError {
  // A UTF-16 unit is at most three bytes: short messages need not be measured.
  if (error.message.length * 3 <= maxBytes || Buffer.byteLength(error.message) <= maxBytes) return error;
  const bytes = Buffer.from(error.message).subarray(0, maxBytes - SUFFIX.length);
  const text = bytes.toString().replace(/\uFFFD+$/, '');
  return new ServiceError(error.code, text + SUFFIX, error.details);
}
