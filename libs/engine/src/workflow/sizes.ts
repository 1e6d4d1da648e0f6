import type { Plain, temporal } from '@duramesh/proto';
import type { Memo, Payload } from './properties.ts';
import { byteLength } from './text.ts';

type Payloads = Plain<temporal.api.common.v1.IPayloads>;

/** Tag and length of a small protobuf field; two of them frame a map entry. */
const FRAME_BYTES = 2;

/** About what protobuf needs for it: to a few bytes, without encoding it. */
export function payloadSizeBytes(payload: Payload): number {
  let size = FRAME_BYTES + (payload.data?.length ?? 0);
  const metadata = payload.metadata ?? {};
  for (const key in metadata) size += 3 * FRAME_BYTES + key.length + (metadata[key]?.length ?? 0);
  return size;
}

export function payloadsSizeBytes(payloads: Payloads | undefined): number {
  let size = 0;
  for (const payload of payloads?.payloads ?? []) size += FRAME_BYTES + payloadSizeBytes(payload);
  return size;
}

export function fieldsSizeBytes(fields: Readonly<Record<string, Payload>> | undefined): number {
  let size = 0;
  for (const key in fields) size += 3 * FRAME_BYTES + byteLength(key) + payloadSizeBytes(fields[key] ?? {});
  return size;
}

export const memoSizeBytes = (memo: Memo | undefined): number => fieldsSizeBytes(memo?.fields);
