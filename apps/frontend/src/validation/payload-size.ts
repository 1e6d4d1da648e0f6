import { invalidArgument } from '@duramesh/contracts';
import type { Plain, temporal } from '@duramesh/proto';

type Payload = Plain<temporal.api.common.v1.IPayload>;
type Payloads = Plain<temporal.api.common.v1.IPayloads>;
type Memo = Plain<temporal.api.common.v1.IMemo>;

/** Length of the varint that holds a length. */
function varintBytes(value: number): number {
  if (value < 128) return 1;
  return value < 16_384 ? 2 : value < 2_097_152 ? 3 : value < 268_435_456 ? 4 : 5;
}

/** A field with a one-byte tag, a length and as many bytes. */
const fieldBytes = (length: number): number => 1 + varintBytes(length) + length;

/** What a payload takes when encoded, without encoding it. */
export function payloadBytes(payload: Payload): number {
  let size = payload.data?.length ? fieldBytes(payload.data.length) : 0;
  for (const [key, value] of Object.entries(payload.metadata ?? {})) {
    size += fieldBytes(fieldBytes(Buffer.byteLength(key)) + fieldBytes(value.length));
  }
  return size;
}

export function payloadsBytes(payloads: Payloads | undefined): number {
  let size = 0;
  for (const payload of payloads?.payloads ?? []) size += fieldBytes(payloadBytes(payload));
  return size;
}

export function memoBytes(memo: Memo | undefined): number {
  let size = 0;
  for (const [key, payload] of Object.entries(memo?.fields ?? {})) {
    size += fieldBytes(fieldBytes(Buffer.byteLength(key)) + fieldBytes(payloadBytes(payload)));
  }
  return size;
}

export function requireBlobSize(payloads: Payloads | undefined, limit: number): void {
  if (payloadsBytes(payloads) > limit) throw invalidArgument('Blob data size exceeds limit.');
}

export function requireMemoSize(memo: Memo | undefined, limit: number): void {
  if (memoBytes(memo) > limit) throw invalidArgument('Memo size exceeds limit.');
}
