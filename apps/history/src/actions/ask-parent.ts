import { HISTORY_SERVICE } from '@duramesh/engine';
import { AskParentRequest, ChildStanding, NamespaceRef } from '@duramesh/proto';
import { type Action, unlessGone } from './action.ts';

const REASON = 'the parent knows nothing of this child';

/** Finds out what has become of a start that was never recorded, and ends a child that nobody knows of. */
export const askParent: Action<'AskParent'> = async ({ owner, history }, { key }) => {
  const { info } = (await owner.read(key)).state;
  const { parent } = info;
  if (!parent || !info.awaitedParent) return;
  const request = AskParentRequest.create({
    namespace: NamespaceRef.create({ id: parent.namespaceId, name: parent.namespace }),
    workflowId: parent.workflowId,
    runId: parent.runId,
    initiatedEventId: parent.initiatedEventId,
    childRunId: info.firstExecutionRunId,
  });
  const { standing } = await history.askParent(request);
  switch (standing) {
    case ChildStanding.CHILD_STANDING_STARTED:
      return unlessGone(owner.execute(key, 'ScheduleFirstWorkflowTask', {}));
    case ChildStanding.CHILD_STANDING_UNKNOWN: {
      const end = { reason: REASON, identity: HISTORY_SERVICE, firstExecutionRunId: '' };
      return unlessGone(owner.execute(key, 'TerminateWorkflow', end));
    }
    default:
      // It will be asked again.
      return undefined;
  }
};
