import { Metadata, type StatusObject } from '@grpc/grpc-js';
import type { ServiceError } from '@duramesh/contracts';
import { publicCodec } from '@duramesh/proto';

const statusCodec = publicCodec<object>('google.rpc.Status');

/** HTTP/2 peers drop header blocks above 64 KiB; base64 adds a third. Details beyond this are left out. */
const MAX_DETAILS_BYTES = 32 * 1024;

/** The trailer in which SDKs find the typed error. */
function statusDetails(error: ServiceError): Uint8Array {
  const message = error.message.toWellFormed();
  const full = statusCodec.encode({ code: error.code, message, details: error.details });
  if (full.byteLength <= MAX_DETAILS_BYTES) return full;
  return statusCodec.encode({ code: error.code, message });
}

export function toGrpcStatus(error: ServiceError): StatusObject {
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', asBuffer(statusDetails(error)));
  // A lone surrogate would make the encoding of the trailer throw.
  return { code: error.code, details: error.message.toWellFormed(), metadata };
}

/** A view, not a copy. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
