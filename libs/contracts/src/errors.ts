import { publicCodec } from '@duramesh/proto';
import { GrpcCode, ServiceError, type ErrorDetail } from './service-error.ts';

/** Packs one `temporal.api.errordetails.v1` message, which SDKs use to rebuild typed errors. */
export function errorDetail(name: string, message: object): ErrorDetail {
  const typeName = `temporal.api.errordetails.v1.${name}`;
  return { type_url: `type.googleapis.com/${typeName}`, value: publicCodec(typeName).encode(message) };
}

export const invalidArgument = (message: string): ServiceError => new ServiceError(GrpcCode.INVALID_ARGUMENT, message);
export const notFound = (message: string): ServiceError =>
  new ServiceError(GrpcCode.NOT_FOUND, message, [errorDetail('NotFoundFailure', {})]);
export const failedPrecondition = (message: string): ServiceError =>
  new ServiceError(GrpcCode.FAILED_PRECONDITION, message);
export const unavailable = (message: string): ServiceError => new ServiceError(GrpcCode.UNAVAILABLE, message);
export const deadlineExceeded = (message: string): ServiceError =>
  new ServiceError(GrpcCode.DEADLINE_EXCEEDED, message);
export const unimplemented = (message: string): ServiceError => new ServiceError(GrpcCode.UNIMPLEMENTED, message);
export const internal = (message: string): ServiceError => new ServiceError(GrpcCode.INTERNAL, message);

export const namespaceNotFound = (namespace: string): ServiceError =>
  new ServiceError(GrpcCode.NOT_FOUND, `Namespace ${namespace} is not found.`, [
    errorDetail('NamespaceNotFoundFailure', { namespace }),
  ]);

/** `cause` and `scope` are values of ResourceExhaustedCause and ResourceExhaustedScope. */
export const resourceExhausted = (message: string, cause: number, scope: number): ServiceError =>
  new ServiceError(GrpcCode.RESOURCE_EXHAUSTED, message, [errorDetail('ResourceExhaustedFailure', { cause, scope })]);
