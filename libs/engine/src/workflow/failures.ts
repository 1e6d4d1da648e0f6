import { type Plain, publicCodec, type temporal } from '@duramesh/proto';
import type { Limits } from './limits.ts';
import { encodeText, decodeText } from './text.ts';

export type Failure = Plain<temporal.api.failure.v1.IFailure>;

const codec = publicCodec<Failure>('temporal.api.failure.v1.Failure');

/** Causes of causes are kept down to here when a failure is cut. */
const DEPTH = 20;
const TOO_LARGE = 'Failure exceeds size limit.';

/** A failure the server itself states. */
export const serverFailure = (message: string, nonRetryable: boolean, cause?: Failure): Failure => ({
  message,
  cause,
  serverFailureInfo: { nonRetryable },
});

export const failureSizeBytes = (failure: Failure | undefined): number => (failure ? codec.encode(failure).length : 0);

/** At most `bytes` of UTF-8, never half a character. */
function cutText(text: string, bytes: number): string {
  const encoded = encodeText(text);
  if (encoded.length <= bytes) return text;
  let end = Math.max(bytes, 0);
  while (end > 0 && ((encoded[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return decodeText(encoded.subarray(0, end));
}

/** Keeps what decides about retries (type, non-retryable), then as much text as fits; details are dropped. */
export function cutFailure(failure: Failure, bytes: number, depth = DEPTH): Failure {
  let left = bytes;
  const cut = (text: string | undefined): string => {
    const kept = cutText(text ?? '', left);
    left -= encodeText(kept).length;
    return kept;
  };
  const application = failure.applicationFailureInfo;
  const server = failure.serverFailureInfo;
  return {
    ...(application && {
      applicationFailureInfo: { type: cut(application.type), nonRetryable: application.nonRetryable ?? false },
    }),
    ...(server && { serverFailureInfo: { nonRetryable: server.nonRetryable ?? false } }),
    source: cut(failure.source),
    message: cut(failure.message),
    stackTrace: cut(failure.stackTrace),
    cause: failure.cause && depth > 0 && left > 0 ? cutFailure(failure.cause, left, depth - 1) : undefined,
  };
}

/** What the next attempt and readers are told of a failed one. */
export function keptFailure(
  failure: Failure | undefined,
  limits: Pick<Limits, 'activityFailureSizeBytes' | 'activityFailureCutBytes'>,
): Failure | undefined {
  if (!failure || failureSizeBytes(failure) <= limits.activityFailureSizeBytes) return failure;
  return serverFailure(TOO_LARGE, false, cutFailure(failure, limits.activityFailureCutBytes));
}

/** Stands for a failure that is too large to be taken at all; trying again would be as bad. */
export const oversizeFailure = (failure: Failure, keptBytes: number): Failure =>
  serverFailure(TOO_LARGE, true, cutFailure(failure, keptBytes));
