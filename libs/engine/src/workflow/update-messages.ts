import { type Plain, publicCodec, type temporal } from '@duramesh/proto';
import type { UpdateRequest, WaitingUpdate } from './updates.ts';

export type ProtocolMessage = Plain<temporal.api.protocol.v1.IMessage>;
type Acceptance = Plain<temporal.api.update.v1.IAcceptance>;
type Rejection = Plain<temporal.api.update.v1.IRejection>;
type Response = Plain<temporal.api.update.v1.IResponse>;

const PACKAGE = 'temporal.api.update.v1';
const URL_PREFIX = 'type.googleapis.com/';
const codecs = {
  Request: publicCodec<UpdateRequest>(`${PACKAGE}.Request`),
  Acceptance: publicCodec<Acceptance>(`${PACKAGE}.Acceptance`),
  Rejection: publicCodec<Rejection>(`${PACKAGE}.Rejection`),
  Response: publicCodec<Response>(`${PACKAGE}.Response`),
};

/** What a worker says of an update. */
export type UpdateMessage =
  | { readonly kind: 'Acceptance'; readonly body: Acceptance }
  | { readonly kind: 'Rejection'; readonly body: Rejection }
  | { readonly kind: 'Response'; readonly body: Response };

export const updateRequestSizeBytes = (request: UpdateRequest): number => codecs.Request.encode(request).length;

/** The id of the message that brings an update to a worker. */
export const requestMessageId = (updateId: string): string => `${updateId}/request`;

/**
 * The message that brings an update to a worker. It takes effect after the event that the task was scheduled by.
 * @see spec-history 7.2
 */
export const requestMessage = ({ updateId, request }: WaitingUpdate, startedEventId: number): ProtocolMessage => ({
  id: requestMessageId(updateId),
  protocolInstanceId: updateId,
  eventId: startedEventId - 1,
  body: { type_url: `${URL_PREFIX}${PACKAGE}.Request`, value: codecs.Request.encode(request) },
});

/** How the reference names the type of a message in what it tells workers. */
export const shownType = (kind: UpdateMessage['kind'] | 'Request'): string => `*update.${kind}`;

/** The last part of the name of a message's type. */
export const bodyType = ({ body }: ProtocolMessage): string => body?.type_url?.split('.').at(-1) ?? '';

/** A message of a worker, or why it is none that could be understood. */
export function readUpdateMessage(message: ProtocolMessage): UpdateMessage | { readonly problem: string } {
  const { body, protocolInstanceId = '' } = message;
  if (!body) return { problem: `Update ${protocolInstanceId} received message with nil body` };
  const name = body.type_url?.slice(body.type_url.lastIndexOf('/') + 1) ?? '';
  const value = body.value ?? new Uint8Array();
  try {
    switch (name) {
      case codecs.Acceptance.typeName:
        return { kind: 'Acceptance', body: codecs.Acceptance.decode(value) };
      case codecs.Rejection.typeName:
        return { kind: 'Rejection', body: codecs.Rejection.decode(value) };
      case codecs.Response.typeName:
        return { kind: 'Response', body: codecs.Response.decode(value) };
      case codecs.Request.typeName:
        return { problem: `Message type ${shownType('Request')} not supported` };
      default:
        return { problem: `Message type ${name} not supported` };
    }
  } catch {
    return { problem: `unable to unmarshal request: the message is no ${name}` };
  }
}

export const isRejection = (message: ProtocolMessage): boolean => {
  const read = readUpdateMessage(message);
  return 'kind' in read && read.kind === 'Rejection';
};
