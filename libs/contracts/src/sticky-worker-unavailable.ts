import { GrpcCode, ServiceError } from './service-error.ts';

const TYPE_URL = 'type.googleapis.com/temporal.server.api.errordetails.v1.StickyWorkerUnavailableFailure';
const DETAILS = [{ type_url: TYPE_URL, value: new Uint8Array() }];

/** Matching's answer when nobody polls a worker's own queue: history uses the normal queue instead. Never reaches a client. */
export const stickyWorkerUnavailable = (): ServiceError =>
  new ServiceError(GrpcCode.UNAVAILABLE, 'sticky worker unavailable, please use original task queue.', DETAILS);

export const isStickyWorkerUnavailable = (error: unknown): boolean =>
  error instanceof ServiceError && error.details.some((detail) => detail.type_url === TYPE_URL);
