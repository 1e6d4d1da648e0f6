import { NamespaceRef, RecordChildClosedRequest } from '@duramesh/proto';
import { readCloseEvent } from '../read/history-reader.ts';
import { type Action, unlessGone } from './action.ts';

/** Tells the parent how this child has ended. One that is closed or gone does not want to know. @see spec-history 6.5 */
export const reportToParent: Action<'ReportToParent'> = async ({ deps, owner, history }, { key }) => {
  const run = await owner.read(key);
  const { info } = run.state;
  const { parent } = info;
  if (!parent || info.parentTold) return;
  const report = RecordChildClosedRequest.create({
    namespace: NamespaceRef.create({ id: parent.namespaceId, name: parent.namespace }),
    workflowId: parent.workflowId,
    runId: parent.runId,
    initiatedEventId: parent.initiatedEventId,
    child: { workflowId: key.workflowId, runId: key.runId },
    childFirstRunId: info.firstExecutionRunId,
    closeEvent: await readCloseEvent(deps.store.executions, run),
  });
  await unlessGone(history.recordChildClosed(report));
  await unlessGone(owner.execute(key, 'RecordTaskDone', { type: 'ReportToParent' }));
};
