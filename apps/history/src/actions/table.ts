import type { TaskOf, TaskType } from '@duramesh/engine';
import type { Action, ActionParts, ActionRun } from './action.ts';
import { applyClosePolicy } from './apply-close-policy.ts';
import { askChild } from './ask-child.ts';
import { askParent } from './ask-parent.ts';
import { cancelExternal } from './cancel-external.ts';
import { confirmChild } from './confirm-child.ts';
import { deleteRun } from './delete-run.ts';
import { dispatchActivityTask } from './dispatch-activity-task.ts';
import { dispatchWorkflowTask } from './dispatch-workflow-task.ts';
import { reportToParent } from './report-to-parent.ts';
import { signalExternal } from './signal-external.ts';
import { startChild } from './start-child.ts';

/** One line per type of task. Forgetting one does not compile. */
const actions: { readonly [Type in TaskType]: Action<Type> } = {
  DispatchWorkflowTask: dispatchWorkflowTask,
  DispatchActivityTask: dispatchActivityTask,
  StartChild: startChild,
  ConfirmChild: confirmChild,
  CancelExternal: cancelExternal,
  SignalExternal: signalExternal,
  ApplyClosePolicy: applyClosePolicy,
  ReportToParent: reportToParent,
  AskParent: askParent,
  AskChild: askChild,
  DeleteRun: deleteRun,
};

/** Does what a task asks for. @see Action */
export function carryOut<Type extends TaskType>(
  parts: ActionParts,
  run: ActionRun,
  task: TaskOf<Type> & { readonly type: Type },
): Promise<void> {
  const action: Action<Type> = actions[task.type];
  return action(parts, run, task);
}
