import type { FrontendServices, HandlerTable } from '../rpc/handler.ts';
import { getClusterInfo } from './get-cluster-info.ts';
import { getSystemInfo } from './get-system-info.ts';

/** Every RPC that is built: one line, one file. */
export const handlerTable = (services: FrontendServices): HandlerTable => ({
  GetClusterInfo: getClusterInfo(services),
  GetSystemInfo: getSystemInfo(),
});
