import type { Plain, temporal } from '@duramesh/proto';
import type { Draft } from '../draft.ts';
import { commandFailure, type CommandFailure, type WorkerCommandContext } from './worker-command.ts';

type Attributes = Plain<temporal.api.command.v1.IProtocolMessageCommandAttributes>;
type Message = Plain<temporal.api.protocol.v1.IMessage>;

const bad = (message: string): CommandFailure => commandFailure('BadUpdateWorkflowExecutionMessage', message);

/** Says at which place among the commands a message of the completion takes effect. */
export function protocolMessage(
  draft: Draft,
  attributes: Attributes | undefined,
  { effects }: WorkerCommandContext,
): CommandFailure | undefined {
  if (!attributes) return bad('ProtocolMessageCommandAttributes is not set on ProtocolMessageCommand.');
  const { messageId = '' } = attributes;
  if (messageId === '') return bad('MessageID is not set on ProtocolMessageCommand.');
  const message = effects.messages.get(messageId);
  if (!message) return bad(`ProtocolMessageCommand referenced absent message ID ${messageId}`);
  effects.messages.delete(messageId);
  return applyMessage(draft, message);
}

/** Every message speaks of an update; of one that is not known the worker has to be told anew. @see spec-history 7.2 */
export function applyMessage(_draft: Draft, { protocolInstanceId = '' }: Message): CommandFailure {
  const transient = 'This is most likely a transient error which will be resolved automatically by retries';
  return bad(`update ${protocolInstanceId} wasn't found on the server. ${transient}`);
}
