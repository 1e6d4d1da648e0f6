import type { ExecutionState } from '@duramesh/engine';
import { AskParentReply, type AskParentRequest, ChildStanding, RunState } from '@duramesh/proto';
import { heirOf } from '../shard/heir.ts';
import { type Handler, isNotFound, refOf } from './handler.ts';

/** What a parent knows of a child that asks. */
export const askParent: Handler<'askParent'> =
  ({ owner }) =>
  async (call) => {
    try {
      const parent = await heirOf(owner, refOf(call, call), call.initiatedEventId);
      return AskParentReply.create({ standing: standingOf(parent.state, call) });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return AskParentReply.create({ standing: ChildStanding.CHILD_STANDING_UNKNOWN });
    }
  };

function standingOf(
  { info, children }: ExecutionState,
  { initiatedEventId, childRunId }: AskParentRequest,
): AskParentReply['standing'] {
  const child = children.get(initiatedEventId);
  if (child?.runId === childRunId) return ChildStanding.CHILD_STANDING_STARTED;
  const mayComeYet = child?.runId === '' && info.state !== RunState.RUN_STATE_COMPLETED;
  return mayComeYet ? ChildStanding.CHILD_STANDING_PENDING : ChildStanding.CHILD_STANDING_UNKNOWN;
}
