import { type Plain, type temporal, UpdateStage } from '@duramesh/proto';
import { totalRefusal } from '../commands/admit-update.ts';
import type { Draft } from '../draft.ts';
import {
  type ProtocolMessage,
  readUpdateMessage,
  requestMessageId,
  shownType,
  type UpdateMessage,
} from '../update-messages.ts';
import { isSent, rejectUpdate, type UpdateRequest } from '../updates.ts';
import {
  commandFailure,
  type CommandFailure,
  terminatingFailure,
  type WorkerCommandContext,
} from './worker-command.ts';

type Attributes = Plain<temporal.api.command.v1.IProtocolMessageCommandAttributes>;
type BodyOf<K extends UpdateMessage['kind']> = Extract<UpdateMessage, { readonly kind: K }>['body'];

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

/** Every message speaks of an update: that the workflow accepts or rejects it, or what came of it. @see spec-history 7.2 */
export function applyMessage(draft: Draft, message: ProtocolMessage): CommandFailure | undefined {
  const updateId = message.protocolInstanceId ?? '';
  if ((message.body?.value?.length ?? 0) > draft.environment.limits.blobSizeBytes) {
    const type = message.body?.type_url?.split('/').at(-1) ?? '';
    const text = `Message type ${type} exceeds size limit.`;
    return terminatingFailure('BadUpdateWorkflowExecutionMessage', text);
  }
  const read = readUpdateMessage(message);
  const stage = stageOf(draft, updateId) ?? ('kind' in read ? revivedStage(draft, read) : undefined);
  if (stage === undefined) {
    const transient = 'This is most likely a transient error which will be resolved automatically by retries';
    return bad(`update ${updateId} wasn't found on the server. ${transient}`);
  }
  if (typeof stage === 'object') return stage;
  if ('problem' in read) return bad(read.problem);
  // What a run that has just closed had not completed is aborted with it.
  if (!draft.isOpen && read.kind !== 'Rejection') return undefined;
  if (!EXPECTED[read.kind].has(stage)) {
    const received = `received ${shownType(read.kind)} message while in state ${stage}`;
    return bad(`invalid state transition attempted for Update ${updateId}: ${received}`);
  }
  switch (read.kind) {
    case 'Acceptance':
      return accept(draft, updateId, read.body);
    case 'Rejection':
      rejectUpdate(draft, updateId, read.body.failure);
      return undefined;
    case 'Response':
      return complete(draft, updateId, read.body);
  }
}

/** How far an update has come, as workers are told it. What this very completion has done is provisional. */
type Stage = 'Admitted' | 'Sent' | 'ProvisionallyAccepted' | 'Accepted' | 'ProvisionallyCompleted' | 'Completed';

// What was lost with its owner and sent again is admitted anew while a worker still answers the first.
const UNANSWERED: ReadonlySet<Stage> = new Set<Stage>(['Admitted', 'Sent']);
const EXPECTED: { readonly [K in UpdateMessage['kind']]: ReadonlySet<Stage> } = {
  Acceptance: UNANSWERED,
  Rejection: UNANSWERED,
  Response: new Set<Stage>(['ProvisionallyAccepted', 'Accepted']),
};

function stageOf(draft: Draft, updateId: string): Stage | undefined {
  const { base, updates, waitingUpdates } = draft;
  const before = base.updates.get(updateId)?.stage;
  switch (updates.get(updateId)?.stage) {
    case UpdateStage.UPDATE_STAGE_COMPLETED:
      return before === UpdateStage.UPDATE_STAGE_COMPLETED ? 'Completed' : 'ProvisionallyCompleted';
    case UpdateStage.UPDATE_STAGE_ACCEPTED:
      return before === UpdateStage.UPDATE_STAGE_ACCEPTED ? 'Accepted' : 'ProvisionallyAccepted';
    case UpdateStage.UPDATE_STAGE_ADMITTED:
      return isSent(draft, updateId) ? 'Sent' : 'Admitted';
    default:
      if (waitingUpdates.has(updateId)) return isSent(draft, updateId) ? 'Sent' : 'Admitted';
      return draft.updateNewsOf(updateId) && 'ProvisionallyCompleted';
  }
}

/** An answer that brings along what it answers is as good as one to an update that was not lost. */
function revivedStage(draft: Draft, message: UpdateMessage): 'Admitted' | CommandFailure | undefined {
  const tooMany = totalRefusal(draft);
  if (tooMany) return bad(tooMany.message);
  if (message.kind === 'Response') return undefined;
  const request = message.kind === 'Acceptance' ? message.body.acceptedRequest : message.body.rejectedRequest;
  return request && 'Admitted';
}

function accept(draft: Draft, updateId: string, body: BodyOf<'Acceptance'>): CommandFailure | undefined {
  const { acceptedRequestSequencingEventId, acceptedRequestMessageId = '', acceptedRequest } = body;
  if (!acceptedRequestSequencingEventId) return unset('Acceptance', 'accepted_request_sequencing_event_id');
  if (acceptedRequestMessageId === '') return unset('Acceptance', 'accepted_request_message_id');
  const event = draft.emit('WorkflowExecutionUpdateAccepted', {
    protocolInstanceId: updateId,
    acceptedRequestMessageId: requestMessageId(updateId),
    acceptedRequestSequencingEventId,
    acceptedRequest: requestOf(draft, updateId, acceptedRequest),
  });
  const requestId = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.requestId ?? '';
  draft.tellOfUpdate(updateId, { kind: 'accepted', requestId });
  return undefined;
}

/** What the event says was accepted: nothing if another event has said it. */
function requestOf(
  { waitingUpdates, updates }: Draft,
  updateId: string,
  revived: UpdateRequest | undefined,
): UpdateRequest | undefined {
  return updates.has(updateId) ? undefined : (waitingUpdates.get(updateId)?.request ?? revived);
}

function complete(draft: Draft, updateId: string, body: BodyOf<'Response'>): CommandFailure | undefined {
  const { meta, outcome } = body;
  if (!meta) return unset('Response', 'meta');
  if (!meta.updateId) return unset('Response', 'meta.update_id');
  if (meta.updateId !== updateId) return bad(`invalid ${shownType('Response')}: meta.update_id != ${updateId}`);
  if (!outcome) return unset('Response', 'outcome');
  const { acceptedEventId = 0, requestId = '' } = draft.updates.get(updateId) ?? {};
  draft.emit('WorkflowExecutionUpdateCompleted', { meta, acceptedEventId, outcome });
  draft.tellOfUpdate(updateId, { kind: 'completed', requestId, outcome });
  return undefined;
}

const unset = (kind: UpdateMessage['kind'], field: string): CommandFailure =>
  bad(`invalid ${shownType(kind)}: ${field} is not set`);
