import type { google, Plain } from '@duramesh/proto';

export type ErrorDetail = Plain<google.protobuf.IAny>;

/** gRPC status codes by name. @see https://grpc.io/docs/guides/status-codes/ */
export const GrpcCode = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
} as const;
export type GrpcCode = (typeof GrpcCode)[keyof typeof GrpcCode];

/** What a caller of the API is told when a request fails: a gRPC status with the reference's text and details. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: GrpcCode;
  readonly details: readonly ErrorDetail[];

  constructor(code: GrpcCode, message: string, details: readonly ErrorDetail[] = []) {
    super(message);
    this.code = code;
    this.details = details;
  }
}
