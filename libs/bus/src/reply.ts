import { ErrorReply } from '@duramesh/proto';
import { GrpcCode, ServiceError } from '@duramesh/contracts';

/** The first byte of every answer to a call. */
export const ReplyKind = { OK: 0, ERROR: 1, NOT_OWNER: 2 } as const;

/** What an API caller reads instead of the text of an error nobody expected. */
export const MASKED_ERROR_TEXT = 'something went wrong, please retry';

const NOT_OWNER_REPLY = Uint8Array.of(ReplyKind.NOT_OWNER);
export const notOwnerReply = (): Uint8Array => NOT_OWNER_REPLY;

export const okReply = (payload: Uint8Array): Uint8Array => framed(ReplyKind.OK, payload);

export function errorReply(error: ServiceError): Uint8Array {
  const { code, message, details } = error;
  return framed(ReplyKind.ERROR, ErrorReply.encode({ code, message, details }));
}

function framed(kind: number, payload: Uint8Array): Uint8Array {
  const reply = Buffer.allocUnsafe(payload.length + 1);
  reply[0] = kind;
  reply.set(payload, 1);
  return reply;
}

const codes = new Set<number>(Object.values(GrpcCode));
const isGrpcCode = (code: number): code is GrpcCode => codes.has(code);

/** The error an answer of kind `ERROR` carries. */
export function decodeErrorReply(reply: Uint8Array): ServiceError {
  const { code, message, details } = ErrorReply.decode(reply.subarray(1));
  return new ServiceError(isGrpcCode(code) ? code : GrpcCode.UNKNOWN, message, details);
}

/** What a handler of this process answers over the lane for objects instead of a message. */
export const NOT_OWNER = Symbol('not owner');
