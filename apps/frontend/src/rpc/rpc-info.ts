import { type Codec, publicCodec, root } from '@duramesh/proto';
import type { RpcName } from './rpc-types.ts';

/** What there is to know about one RPC without its handler. */
export interface RpcInfo {
  readonly name: RpcName;
  /** `/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution` */
  readonly path: string;
  readonly service: string;
  readonly request: Codec<object>;
  readonly response: Codec<object>;
}

export const WORKFLOW_SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';
export const OPERATOR_SERVICE = 'temporal.api.operatorservice.v1.OperatorService';

function rpcsOf(service: string): RpcInfo[] {
  const packageName = service.slice(0, service.lastIndexOf('.'));
  const absolute = (type: string): string => (type.includes('.') ? type : `${packageName}.${type}`);
  return root.lookupService(service).methodsArray.map((method) => ({
    // The table is the one the type RpcName was made from.
    name: method.name as RpcName,
    path: `/${service}/${method.name}`,
    service,
    request: publicCodec(absolute(method.requestType)),
    response: publicCodec(absolute(method.responseType)),
  }));
}

/** Every RPC the frontend answers, built or not. */
export const rpcs: readonly RpcInfo[] = [...rpcsOf(WORKFLOW_SERVICE), ...rpcsOf(OPERATOR_SERVICE)];
