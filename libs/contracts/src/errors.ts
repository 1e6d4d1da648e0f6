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
export const permissionDenied = (message: string): ServiceError =>
  new ServiceError(GrpcCode.PERMISSION_DENIED, message, [errorDetail('PermissionDeniedFailure', {})]);
export const unavailable = (message: string): ServiceError => new ServiceError(GrpcCode.UNAVAILABLE, message);
export const deadlineExceeded = (message: string): ServiceError =>
  new ServiceError(GrpcCode.DEADLINE_EXCEEDED, message);
export const unimplemented = (message: string): ServiceError => new ServiceError(GrpcCode.UNIMPLEMENTED, message);
export const internal = (message: string): ServiceError => new ServiceError(GrpcCode.INTERNAL, message);

export const namespaceNotFound = (namespace: string): ServiceError =>
  new ServiceError(GrpcCode.NOT_FOUND, `Namespace ${namespace} is not found.`, [
    errorDetail('NamespaceNotFoundFailure', { namespace }),
  ]);

const EXHAUSTED = 'ResourceExhaustedFailure';
/** temporal.api.enums.v1.ResourceExhaustedCause */
const BUSY_WORKFLOW = 5;

/** One run has more to do than it can; others are not affected. */
export function isBusyWorkflow(error: unknown): boolean {
  if (!(error instanceof ServiceError) || error.code !== GrpcCode.RESOURCE_EXHAUSTED) return false;
  const detail = error.details.find(({ type_url: url }) => url?.endsWith(`.${EXHAUSTED}`));
  const codec = publicCodec<{ cause?: number }>(`temporal.api.errordetails.v1.${EXHAUSTED}`);
  return detail !== undefined && codec.decode(detail.value ?? new Uint8Array()).cause === BUSY_WORKFLOW;
}

/** `cause` and `scope` are values of ResourceExhaustedCause and ResourceExhaustedScope. */
export const resourceExhausted = (message: string, cause: number, scope: number): ServiceError =>
  new ServiceError(GrpcCode.RESOURCE_EXHAUSTED, message, [errorDetail(EXHAUSTED, { cause, scope })]);
