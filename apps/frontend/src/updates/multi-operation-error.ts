import { errorDetail, GrpcCode, ServiceError } from '@duramesh/contracts';
import { type Plain, publicCodec, type temporal } from '@duramesh/proto';

export type OperationStatus = Plain<temporal.api.errordetails.v1.MultiOperationExecutionFailure.IOperationStatus>;

const TEXT = 'Update-with-Start could not be executed.';
const ABORTED_TYPE = 'temporal.api.failure.v1.MultiOperationExecutionAborted';

export const OK: OperationStatus = {};
/** Of an operation that is not to blame. */
export const ABORTED: OperationStatus = {
  code: GrpcCode.ABORTED,
  message: 'Operation was aborted.',
  details: [{ type_url: `type.googleapis.com/${ABORTED_TYPE}`, value: publicCodec(ABORTED_TYPE).encode({}) }],
};

export const statusOf = ({ code, message, details }: ServiceError): OperationStatus => ({ code, message, details });

/** What the caller of several operations is told: the code of the first that is to blame, and the status of each. */
export function multiOperationError(statuses: readonly OperationStatus[]): ServiceError {
  const blamed = statuses.find((status) => status !== OK && status !== ABORTED);
  const code = Object.values(GrpcCode).find((known) => known === blamed?.code) ?? GrpcCode.ABORTED;
  return new ServiceError(code, TEXT, [errorDetail('MultiOperationExecutionFailure', { statuses })]);
}
