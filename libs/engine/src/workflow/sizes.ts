import type { Plain, temporal } from '@duramesh/proto';
import type { Memo, Payload } from './properties.ts';
import { byteLength } from './text.ts';

type Payloads = Plain<temporal.api.common.v1.IPayloads>;

/** Length of the varint that holds a length. */
function varintBytes(value: number): number {
  if (value < 128) return 1;
  return value < 16_384 ? 2 : value < 2_097_152 ? 3 : value < 268_435_456 ? 4 : 5;
}

/** A field with a one-byte tag, a length and as many bytes. */
const fieldBytes = (length: number): number => 1 + varintBytes(length) + length;

/** What a payload takes when encoded, without encoding it. */
export function payloadSizeBytes(payload: Payload): number {
  let size = payload.data?.length ? fieldBytes(payload.data.length) : 0;
  const { metadata } = payload;
  for (const key in metadata) size += fieldBytes(fieldBytes(byteLength(key)) + fieldBytes(metadata[key]?.length ?? 0));
  return size;
}

export function payloadsSizeBytes(payloads: Payloads | undefined): number {
  let size = 0;
  for (const payload of payloads?.payloads ?? []) size += fieldBytes(payloadSizeBytes(payload));
  return size;
}

/** Fields of a memo or search attributes. */
export function fieldsSizeBytes(fields: Readonly<Record<string, Payload>> | undefined): number {
  let size = 0;
  for (const key in fields) {
    size += fieldBytes(fieldBytes(byteLength(key)) + fieldBytes(payloadSizeBytes(fields[key] ?? {})));
  }
  return size;
}

export const memoSizeBytes = (memo: Memo | undefined): number => fieldsSizeBytes(memo?.fields);
