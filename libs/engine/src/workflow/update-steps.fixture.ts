import { publicCodec, UpdateStage } from '@duramesh/proto';
import type { CommandName, CommandOf } from './commands.ts';
import { payloads } from './schedule-command.fixture.ts';
import type { ExecutionState } from './state.ts';
import { type ProtocolMessage, requestMessageId } from './update-messages.ts';
import type { UpdateRequest } from './updates.ts';

interface Asked {
  ask<N extends CommandName>(name: N, command: CommandOf<N>): void;
}

export const updateRequest = (updateId: string): UpdateRequest => ({
  meta: { updateId, identity: 'client' },
  input: { name: 'set', args: payloads },
  requestId: `request of ${updateId}`,
});

/** A client sends an update, perhaps again. */
export function sendUpdate(subject: Asked, which: number): void {
  subject.ask('AdmitUpdate', { request: updateRequest(`u${which}`), firstExecutionRunId: '' });
}

/** A message of a worker, as it is on the wire. */
export function message(
  updateId: string,
  kind: 'Acceptance' | 'Rejection' | 'Response' | 'Request',
  body: object,
): ProtocolMessage {
  const typeName = `temporal.api.update.v1.${kind}`;
  const value = publicCodec(typeName).encode(body);
  const type_url = `type.googleapis.com/${typeName}`;
  return { id: `${updateId}/${kind}`, protocolInstanceId: updateId, body: { type_url, value } };
}

export const acceptance = (updateId: string, more: object = {}): ProtocolMessage =>
  message(updateId, 'Acceptance', {
    acceptedRequestMessageId: requestMessageId(updateId),
    acceptedRequestSequencingEventId: 1,
    ...more,
  });
export const rejection = (updateId: string): ProtocolMessage =>
  message(updateId, 'Rejection', { failure: { message: `no ${updateId}` } });
export const response = (updateId: string): ProtocolMessage =>
  message(updateId, 'Response', { meta: { updateId }, outcome: { success: payloads } });

/** What a worker says of the updates that it knows of: of each what its number says. */
export function answersTo(state: ExecutionState, choices: readonly number[]): readonly ProtocolMessage[] {
  const waiting = [...state.waitingUpdates.keys()].map((updateId, i) => toWaiting(updateId, choices[i] ?? 0));
  const told = [...state.updates.values()].map(({ updateId, stage }, i) => {
    const choice = choices[i] ?? 0;
    if (stage === UpdateStage.UPDATE_STAGE_COMPLETED) return choice === 9 ? [response(updateId)] : [];
    if (stage === UpdateStage.UPDATE_STAGE_ACCEPTED) return choice > 5 ? [response(updateId)] : [];
    return toWaiting(updateId, choice);
  });
  const acceptedRequest = updateRequest('revived');
  const revived =
    choices.includes(8) && !state.updates.has('revived') ? [acceptance('revived', { acceptedRequest })] : [];
  return [...waiting, ...told, revived].flat();
}

function toWaiting(updateId: string, choice: number): readonly ProtocolMessage[] {
  switch (choice) {
    case 0:
    case 1:
      return [];
    case 2:
    case 3:
      return [acceptance(updateId)];
    case 4:
    case 5:
    case 6:
      return [rejection(updateId)];
    case 7:
      return [acceptance(updateId), rejection(updateId)];
    default:
      return [acceptance(updateId), response(updateId)];
  }
}
