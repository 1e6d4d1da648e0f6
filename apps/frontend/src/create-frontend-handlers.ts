import { createServices } from './create-services.ts';
import { handlerTable } from './handler-table.ts';
import type { CallMeta } from './rpc/call-meta.ts';
import { decodeRequest } from './rpc/decode-request.ts';
import { Dispatcher } from './rpc/dispatcher.ts';
import { rpcs } from './rpc/rpc-info.ts';
import type { RpcName, RpcRequest, RpcResponse } from './rpc/rpc-types.ts';
import type { FrontendDeps } from './frontend-deps.ts';

/** The public API as functions. They throw ServiceError. */
export type FrontendHandlers = {
  readonly [N in RpcName]: (request: RpcRequest<N>, meta: CallMeta) => Promise<RpcResponse<N>>;
};

/** The whole frontend without gRPC, for callers in the same process: the simulator and tests. */
export function createFrontendHandlers(
  deps: FrontendDeps,
  stopping: AbortSignal = new AbortController().signal,
): FrontendHandlers {
  const services = createServices(deps, stopping);
  const dispatcher = new Dispatcher(services, handlerTable(services));
  const entries = rpcs.map((info) => [
    info.name,
    async (request: object, meta: CallMeta): Promise<object> => {
      // Through the encoding, as over gRPC, so that absent fields read as their defaults.
      const decoded = decodeRequest(info, info.request.encode(request));
      const answer = await dispatcher.dispatch(info.name, decoded, meta);
      return info.response.decode(answer instanceof Uint8Array ? answer : info.response.encode(answer));
    },
  ]);
  // The entries are made from the table the type was made from.
  return Object.fromEntries(entries) as FrontendHandlers;
}
