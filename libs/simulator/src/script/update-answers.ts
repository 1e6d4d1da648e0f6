import { EVENT_TYPES, type HistoryEvent } from '@duramesh/engine';
import { type Plain, publicCodec, type temporal } from '@duramesh/proto';
import { type Command, COMMAND } from './command.ts';

export type Message = Plain<temporal.api.protocol.v1.IMessage>;
type UpdateRequest = Plain<temporal.api.update.v1.IRequest>;

const PACKAGE = 'temporal.api.update.v1';
const requestCodec = publicCodec<UpdateRequest>(`${PACKAGE}.Request`);

/** What a simulated workflow does with an update, by the name it is sent under. */
export const UPDATE_NAMES = { complete: 'complete', completeLater: 'complete later', reject: 'reject' } as const;

/** What a worker says of updates with a workflow task. */
export interface UpdateAnswers {
  readonly messages: readonly Message[];
  /** Give the messages that write something their place before the other commands. */
  readonly commands: readonly Command[];
}

/** The same answers for the same updates, whoever gives them and however often. */
export function answerUpdates(requests: readonly Message[], events: readonly HistoryEvent[]): UpdateAnswers {
  const written = [...pending(events).map(respond), ...requests.flatMap(answer)];
  const rejections = requests.filter((message) => nameOf(message) === UPDATE_NAMES.reject).map(reject);
  const commands = written.map(({ id }) => ({
    commandType: COMMAND.protocolMessage,
    protocolMessageCommandAttributes: { messageId: id },
  }));
  return { messages: [...written, ...rejections], commands };
}

const requestOf = ({ body }: Message): UpdateRequest => requestCodec.decode(body?.value ?? new Uint8Array());
const nameOf = (message: Message): string => requestOf(message).input?.name ?? '';

/** Updates that were accepted and have no outcome. */
function pending(events: readonly HistoryEvent[]): readonly string[] {
  const ids = new Set<string>();
  for (const event of events) {
    if (event.eventType === EVENT_TYPES.WorkflowExecutionUpdateAccepted) {
      ids.add(event.workflowExecutionUpdateAcceptedEventAttributes?.protocolInstanceId ?? '');
    }
    if (event.eventType === EVENT_TYPES.WorkflowExecutionUpdateCompleted) {
      ids.delete(event.workflowExecutionUpdateCompletedEventAttributes?.meta?.updateId ?? '');
    }
  }
  return [...ids];
}

function message(updateId: string, kind: 'Acceptance' | 'Rejection' | 'Response', body: object): Message {
  const typeName = `${PACKAGE}.${kind}`;
  const value = publicCodec(typeName).encode(body);
  const any = { type_url: `type.googleapis.com/${typeName}`, value };
  return { id: `${updateId}/${kind}`, protocolInstanceId: updateId, body: any };
}

const respond = (updateId: string): Message =>
  message(updateId, 'Response', { meta: { updateId }, outcome: { success: { payloads: [] } } });

const reject = ({ protocolInstanceId = '' }: Message): Message =>
  message(protocolInstanceId, 'Rejection', { failure: { message: 'rejected' } });

function answer(request: Message): readonly Message[] {
  const { id, eventId, protocolInstanceId = '' } = request;
  if (nameOf(request) === UPDATE_NAMES.reject) return [];
  const acceptance = message(protocolInstanceId, 'Acceptance', {
    acceptedRequestMessageId: id,
    acceptedRequestSequencingEventId: eventId,
    acceptedRequest: requestOf(request),
  });
  return nameOf(request) === UPDATE_NAMES.complete ? [acceptance, respond(protocolInstanceId)] : [acceptance];
}
