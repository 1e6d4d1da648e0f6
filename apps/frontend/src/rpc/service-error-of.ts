import { BusFault } from '@duramesh/bus';
import { GrpcCode, ServiceError, unavailable } from '@duramesh/contracts';
import { StoreFault } from '@duramesh/persistence';
import { fnv1a32 } from '@duramesh/runtime';

const SUFFIX = '... <truncated>';

const tooBusy = 'service is too busy, please back off and retry';
const noOwner = 'shard unavailable, please backoff and retry';

/** What a caller is told about a fault of the bus. Texts that name the cause are for the log only. */
function ofBusFault(fault: BusFault, callerIsLate: boolean): ServiceError {
  if (fault.code === 'aborted') return new ServiceError(GrpcCode.CANCELLED, 'context canceled');
  if (fault.code === 'timeout' && callerIsLate) {
    return new ServiceError(GrpcCode.DEADLINE_EXCEEDED, 'context deadline exceeded');
  }
  return unavailable(fault.code === 'overloaded' ? tooBusy : noOwner);
}

/** The one table from what may be thrown to what a caller of the API sees. */
export function serviceErrorOf(error: unknown, callerIsLate: boolean): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error instanceof BusFault) return ofBusFault(error, callerIsLate);
  if (error instanceof StoreFault) return unavailable(noOwner);
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
