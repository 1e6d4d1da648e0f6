import { Metadata, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { GrpcCode, type ServiceError } from '@duramesh/contracts';
import { publicCodec, root } from '@duramesh/proto';
import { toGrpcStatus } from './status.ts';

const EXHAUSTED = 'temporal.api.errordetails.v1.ResourceExhaustedFailure';
const exhaustedCodec = publicCodec<{ readonly cause: number; readonly scope: number }>(EXHAUSTED);

/** `RESOURCE_EXHAUSTED_CAUSE_RPS_LIMIT` reads `RpsLimit` in headers. */
function shortName(enumName: string, prefix: string, value: number): string {
  const name = root.lookupEnum(`temporal.api.enums.v1.${enumName}`).valuesById[value] ?? '';
  const words = name.slice(prefix.length).toLowerCase().split('_');
  return words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
}

/** Headers that tell what is exhausted without reading the details. */
function exhaustedHeaders(error: ServiceError): Metadata | undefined {
  const detail = error.details.find(({ type_url: url }) => url?.endsWith(EXHAUSTED));
  if (!detail?.value) return undefined;
  const { cause, scope } = exhaustedCodec.decode(detail.value);
  const headers = new Metadata();
  headers.set('x-resource-exhausted-cause', shortName('ResourceExhaustedCause', 'RESOURCE_EXHAUSTED_CAUSE_', cause));
  headers.set('x-resource-exhausted-scope', shortName('ResourceExhaustedScope', 'RESOURCE_EXHAUSTED_SCOPE_', scope));
  return headers;
}

/** Answers a call with an error: a status with its details. */
export function refuse(
  call: ServerUnaryCall<unknown, unknown>,
  callback: sendUnaryData<Uint8Array>,
  error: ServiceError,
): void {
  const headers = error.code === GrpcCode.RESOURCE_EXHAUSTED ? exhaustedHeaders(error) : undefined;
  if (headers) call.sendMetadata(headers);
  callback(toGrpcStatus(error));
}
