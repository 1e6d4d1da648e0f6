import { type Failure, oversizeFailure, failureSizeBytes } from '@duramesh/engine';
import type { FrontendLimits } from '../limits.ts';

export const SizeReason = {
  RESULT: 'Complete result exceeds size limit.',
  CANCEL_DETAILS: 'Cancel details exceed size limit.',
  HEARTBEAT_DETAILS: 'Heartbeat details exceed size limit.',
} as const;

/** The failure itself, or one that says it was too large and keeps the beginning of it. */
export function boundedFailure(
  failure: Failure | undefined,
  { blobBytes, blobWarnBytes }: FrontendLimits,
): Failure | undefined {
  return failure && failureSizeBytes(failure) > blobBytes ? oversizeFailure(failure, blobWarnBytes) : failure;
}
