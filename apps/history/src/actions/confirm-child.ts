import { type Action, namespaceOfRun, unlessGone } from './action.ts';

/** Tells a child that its start is recorded, so that its first workflow task may come. */
export const confirmChild: Action<'ConfirmChild'> = async ({ owner, history }, { key }, { initiatedEventId }) => {
  const { info, children } = (await owner.read(key)).state;
  const child = children.get(initiatedEventId);
  if (!child || child.runId === '' || child.confirmed) return;
  const { workflowId, runId } = child;
  await unlessGone(history.scheduleFirstWorkflowTask({ namespace: namespaceOfRun(info), workflowId, runId }));
  await unlessGone(owner.execute(key, 'RecordTaskDone', { type: 'ConfirmChild', initiatedEventId }));
};
