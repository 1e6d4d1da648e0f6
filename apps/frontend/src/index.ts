export { createFrontendHandlers, type FrontendHandlers } from './create-frontend-handlers.ts';
export type { FrontendDeps } from './frontend-deps.ts';
export { defaultLimits, type FrontendLimits } from './limits.ts';
export { ensureNamespaces, type NamespaceSeed, SYSTEM_NAMESPACE } from './namespaces/ensure-namespaces.ts';
export type { CallMeta } from './rpc/call-meta.ts';
export type { RpcName, RpcRequest, RpcResponse } from './rpc/rpc-types.ts';
export { type Frontend, type Listen, startFrontend } from './start-frontend.ts';
export { SERVER_VERSION } from './version.ts';
