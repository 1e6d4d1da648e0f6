import { HISTORY_SERVICE, PARENT_CLOSE } from '@duramesh/engine';
import {
  type ChildInfo,
  type ExecutionInfo,
  RequestCancelWorkflowRequest,
  TerminateWorkflowRequest,
} from '@duramesh/proto';
import { type Action, type ActionParts, namespaceOfRun, unlessGone } from './action.ts';

const REASON = 'by parent close policy';

/** Tells a child of a closed run what its parent close policy says. @see spec-history 6.5 */
export const applyClosePolicy: Action<'ApplyClosePolicy'> = async (parts, { key }, { initiatedEventId }) => {
  const { info, children } = (await parts.owner.read(key)).state;
  const child = children.get(initiatedEventId);
  if (!child || child.policyApplied) return;
  await unlessGone(tell(parts, info, child));
  await unlessGone(parts.owner.execute(key, 'RecordTaskDone', { type: 'ApplyClosePolicy', initiatedEventId }));
};

function tell({ history }: ActionParts, info: ExecutionInfo, child: ChildInfo): Promise<unknown> {
  const about = {
    workflowExecution: { workflowId: child.workflowId },
    // Whichever run the child has come to.
    firstExecutionRunId: child.runId,
    identity: HISTORY_SERVICE,
  };
  const { workflowId, runId, baseRunIds } = info;
  const source = { workflowId, runId, initiatedEventId: 0, childWorkflowOnly: true, baseRunIds };
  const namespace = namespaceOfRun(info);
  if (child.parentClosePolicy === PARENT_CLOSE.requestCancel) {
    return history.requestCancelWorkflow(RequestCancelWorkflowRequest.create({ namespace, request: about, source }));
  }
  const request = { ...about, reason: REASON };
  return history.terminateWorkflow(TerminateWorkflowRequest.create({ namespace, request, source }));
}
