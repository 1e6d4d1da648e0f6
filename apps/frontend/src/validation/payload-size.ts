import { invalidArgument } from '@duramesh/contracts';
import { memoSizeBytes, payloadsSizeBytes } from '@duramesh/engine';
import type { Plain, temporal } from '@duramesh/proto';

type Payloads = Plain<temporal.api.common.v1.IPayloads>;
type Memo = Plain<temporal.api.common.v1.IMemo>;

export function requireBlobSize(payloads: Payloads | undefined, limit: number): void {
  if (payloadsSizeBytes(payloads) > limit) throw invalidArgument('Blob data size exceeds limit.');
}

export function requireMemoSize(memo: Memo | undefined, limit: number): void {
  if (memoSizeBytes(memo) > limit) throw invalidArgument('Memo size exceeds limit.');
}
