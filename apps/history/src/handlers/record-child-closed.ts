import { invalidArgument } from '@duramesh/contracts';
import { attributesOf, type CommandOf } from '@duramesh/engine';
import { readInitiatedEvent } from '../read/history-reader.ts';
import { heirOf } from '../shard/heir.ts';
import type { CachedRun } from '../shard/run-cache.ts';
import { type Handler, type HandlerParts, refOf } from './handler.ts';

/** A child tells how it has ended; told again it changes nothing. */
export const recordChildClosed: Handler<'recordChildClosed'> = (parts) => async (call) => {
  const { initiatedEventId, childFirstRunId: firstRunId, closeEvent } = call;
  if (!closeEvent) throw invalidArgument('Close event is not set on request.');
  const parent = await heirOf(parts.owner, refOf(call, call), initiatedEventId);
  const ref = { ...refOf(call, call), runId: parent.key.runId };
  const child = { workflowId: call.child?.workflowId ?? '', runId: call.child?.runId ?? '' };
  const header = await headerOf(parts, parent, initiatedEventId);
  await parts.owner.execute(ref, 'RecordChildClosed', { initiatedEventId, child, firstRunId, closeEvent, header });
  return {};
};

/** Needed only when the child has ended before its start was recorded. */
async function headerOf(
  { deps }: HandlerParts,
  parent: CachedRun,
  initiatedEventId: number,
): Promise<CommandOf<'RecordChildClosed'>['header']> {
  const child = parent.state.children.get(initiatedEventId);
  if (!child || child.runId !== '') return undefined;
  const event = await readInitiatedEvent(deps.store.executions, parent, child);
  return attributesOf('StartChildWorkflowExecutionInitiated', event).header;
}
