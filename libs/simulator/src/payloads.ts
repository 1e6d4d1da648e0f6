import type { Plain, temporal } from '@duramesh/proto';

type Payload = Plain<temporal.api.common.v1.IPayload>;
export type Payloads = Plain<temporal.api.common.v1.IPayloads>;

const utf8 = new TextEncoder();
const text = new TextDecoder();

export const toPayload = (value: unknown): Payload => ({
  metadata: { encoding: utf8.encode('json/plain') },
  data: utf8.encode(JSON.stringify(value)),
});

export const toPayloads = (value: unknown): Payloads => ({ payloads: [toPayload(value)] });

export const fromPayload = (payload: Payload | undefined): unknown =>
  payload?.data === undefined ? undefined : JSON.parse(text.decode(payload.data));

export const fromPayloads = (payloads: Payloads | undefined): unknown => fromPayload(payloads?.payloads?.[0]);
