import { requirePolledVersionOfRun, tellReactivated } from '../worker-deployments/pinned-version.ts';
import { type Handler, refOf } from './handler.ts';

export const updateWorkflowOptions: Handler<'updateWorkflowOptions'> = (parts) => async (call) => {
  const { owner } = parts;
  const request = call.request ?? {};
  const ref = refOf(call, request.workflowExecution);
  const options = request.workflowExecutionOptions ?? {};
  const pinnedTo = await requirePolledVersionOfRun(parts, options.versioningOverride, ref);
  const { reply } = await owner.execute(ref, 'UpdateWorkflowOptions', {
    options,
    paths: request.updateMask?.paths ?? [],
    identity: request.identity ?? '',
  });
  if (pinnedTo) await tellReactivated(parts, ref.namespaceId, pinnedTo);
  return { workflowExecutionOptions: reply.options };
};
