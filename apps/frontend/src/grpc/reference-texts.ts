import type { ServerInterceptor, ServerInterceptingCallInterface } from '@grpc/grpc-js';
import { GrpcCode } from '@duramesh/contracts';

type PartialStatus = Parameters<ServerInterceptingCallInterface['sendStatus']>[0];

const TOO_LARGE = 'Received message larger than max';

/**
 * Core-based SDKs know a request that was too large by the text the Go library gives it,
 * and fail the workflow task instead of sending it again and again.
 */
function withReferenceText(status: PartialStatus): PartialStatus {
  if (status.code !== GrpcCode.RESOURCE_EXHAUSTED || !status.details?.startsWith(TOO_LARGE)) return status;
  return { ...status, details: `grpc: r${status.details.slice(1)}` };
}

function sendStatus(this: ServerInterceptingCallInterface, status: PartialStatus): void {
  // The method this one stands in front of.
  (Object.getPrototypeOf(this) as ServerInterceptingCallInterface).sendStatus.call(this, withReferenceText(status));
}

/** Replaces the method on the call itself: a wrapping call would cost every request several closures. */
export const referenceTexts: ServerInterceptor = (_method, call) => {
  call.sendStatus = sendStatus;
  return call as ReturnType<ServerInterceptor>;
};
