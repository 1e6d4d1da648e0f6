import { invalidArgument, permissionDenied, unimplemented } from '@duramesh/contracts';
import type { FrontendServices } from '../rpc/handler.ts';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { requireExecution, requireLength } from '../validation/ids.ts';
import { requireLinks } from '../validation/links.ts';
import { requireBlobSize } from '../validation/payload-size.ts';
import { UpdateStage } from './update-stage.ts';

/** Refuses the first offence in the reference's order; gives the update an id, so that it can be sent again. */
export function prepareUpdate(
  request: RpcRequest<'UpdateWorkflowExecution'>,
  { limits, ids }: Pick<FrontendServices, 'limits' | 'ids'>,
): void {
  requireExecution(request.workflowExecution);
  const { meta, input } = request.request ?? {};
  if (!meta || !request.request) throw invalidArgument('Update meta is not set on request.');
  if (!input) throw invalidArgument('Update input is not set on request.');
  if (!input.name) throw invalidArgument('Update name is not set on request.');
  requireLength('UpdateId', meta.updateId, limits.idBytes);
  requireLength('RequestId', request.request.requestId, limits.idBytes);
  requireLinks(request.request.links, limits);
  requireBlobSize(input.args, limits.blobBytes);
  if (request.request.completionCallbacks?.length) throw unimplemented('completion callbacks are not supported');
  const stage = request.waitPolicy?.lifecycleStage || UpdateStage.COMPLETED;
  if (stage === UpdateStage.ADMITTED) {
    const text = 'UpdateWorkflowExecution issued asynchronously and waiting on update admitted is not supported.';
    throw permissionDenied(text);
  }
  request.waitPolicy = { lifecycleStage: Math.min(stage, UpdateStage.COMPLETED) };
  request.request = { ...request.request, meta: { ...meta, updateId: meta.updateId || ids.uuid() } };
}
