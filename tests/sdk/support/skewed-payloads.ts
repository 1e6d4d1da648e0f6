import type { Payload, PayloadCodec } from '@temporalio/common';

const SKEW = 0x55;
const skewed = (payload: Payload): Payload => ({
  metadata: { ...payload.metadata, skewed: Buffer.from('yes') },
  data: payload.data?.map((byte) => byte ^ SKEW) ?? null,
});

/** Stands for encryption: nobody without it can read what goes through it. */
export const skewedPayloads: PayloadCodec = {
  encode: async (payloads) => payloads.map(skewed),
  decode: async (payloads) => payloads.map((payload) => (payload.metadata?.['skewed'] ? skewed(payload) : payload)),
};
