import { GrpcCode } from '@duramesh/contracts';
import { type Action, answered, namespaceOfRun, unlessGone } from './action.ts';

/**
 * Finds out whether a child has ended before this run was made of its base. From the moment it is asked a child that goes
 * on tells this run, because the base names it by then. Nobody knows how a child has ended that is gone.
 */
export const askChild: Action<'AskChild'> = async ({ owner, history }, { key }, { initiatedEventId }) => {
  const { info, children } = (await owner.read(key)).state;
  const child = children.get(initiatedEventId);
  if (!child || child.runId === '' || child.endAsked) return;
  const { workflowId, runId } = child;
  const call = history.askChild({ namespace: namespaceOfRun(info), workflowId, runId });
  const answer = await answered(call, [GrpcCode.NOT_FOUND]);
  const { lastRunId = '', closeEvent } = answer.kind === 'done' ? answer.value : {};
  const recorded = closeEvent
    ? owner.execute(key, 'RecordChildClosed', {
        initiatedEventId,
        child: { workflowId, runId: lastRunId },
        firstRunId: runId,
        closeEvent,
        header: undefined,
      })
    : owner.execute(key, 'RecordTaskDone', { type: 'AskChild', initiatedEventId });
  await unlessGone(recorded);
};
