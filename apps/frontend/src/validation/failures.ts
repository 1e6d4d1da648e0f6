import { type Plain, publicCodec, type temporal } from '@duramesh/proto';

export type Failure = Plain<temporal.api.failure.v1.IFailure>;

const failureCodec = publicCodec<Failure>('temporal.api.failure.v1.Failure');

/** What is kept of a failure that is too large. */
const KEPT_BYTES = 512 * 1024;

export const SizeReason = {
  FAILURE: 'Failure exceeds size limit.',
  RESULT: 'Complete result exceeds size limit.',
  CANCEL_DETAILS: 'Cancel details exceed size limit.',
  HEARTBEAT_DETAILS: 'Heartbeat details exceed size limit.',
} as const;

export const serverFailure = (message: string, nonRetryable: boolean): Failure => ({
  message,
  serverFailureInfo: { nonRetryable },
});

const cut = (text: string | undefined, maxBytes: number): string =>
  Buffer.from(text ?? '')
    .subarray(0, maxBytes)
    .toString()
    .replace(/\uFFFD+$/, '');

/** Texts shortened, details and causes left out. */
function shortened({ message, source, stackTrace, applicationFailureInfo: info }: Failure): Failure {
  return {
    message: cut(message, KEPT_BYTES / 2),
    source: cut(source, 1000),
    stackTrace: cut(stackTrace, KEPT_BYTES / 4),
    ...(info && { applicationFailureInfo: { type: info.type ?? '', nonRetryable: info.nonRetryable ?? false } }),
  };
}

/** The failure itself, or one that says it was too large and keeps the beginning of it. */
export function boundedFailure(
  failure: Failure | undefined,
  { maxBytes, nonRetryable }: { readonly maxBytes: number; readonly nonRetryable: boolean },
): Failure | undefined {
  if (!failure || failureCodec.encode(failure).length <= maxBytes) return failure;
  return { ...serverFailure(SizeReason.FAILURE, nonRetryable), source: 'Server', cause: shortened(failure) };
}
