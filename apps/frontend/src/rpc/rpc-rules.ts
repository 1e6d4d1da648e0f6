import { ActivityTaskToken, type Codec, messageType, QueryTaskToken, WorkflowTaskToken } from '@duramesh/proto';
import { type RpcInfo, rpcs } from './rpc-info.ts';
import type { RpcName } from './rpc-types.ts';

/** The part all task tokens share, and what some of them say beside it. */
export interface TaskToken {
  readonly namespaceId: string;
  readonly workflowId?: string;
  readonly runId?: string;
  readonly activityId?: string;
  readonly attempt?: number;
  /** Of the run. */
  readonly traceparent?: string;
}

/** What the chain in front of the handlers must know about an RPC. */
export interface RpcRules {
  /** `byHandler`: the handler finds the namespace itself, since it need not exist or be complete. */
  readonly namespace: 'required' | 'byHandler' | 'none';
  readonly token: Codec<TaskToken> | undefined;
  /** New work is refused in a deprecated namespace. */
  readonly registeredOnly: boolean;
  readonly isTaskPoll: boolean;
}

const byHandler: ReadonlySet<RpcName> = new Set<RpcName>([
  'RegisterNamespace',
  'DescribeNamespace',
  'UpdateNamespace',
  'DeprecateNamespace',
  'DeleteNamespace',
  'AddSearchAttributes',
  'RemoveSearchAttributes',
  'ListSearchAttributes',
]);

const registeredOnly: ReadonlySet<RpcName> = new Set<RpcName>([
  'StartWorkflowExecution',
  'SignalWithStartWorkflowExecution',
]);

const taskPolls: ReadonlySet<RpcName> = new Set<RpcName>([
  'PollWorkflowTaskQueue',
  'PollActivityTaskQueue',
  'PollNexusTaskQueue',
]);

const tokens: { readonly [N in RpcName]?: Codec<TaskToken> } = {
  RespondWorkflowTaskCompleted: WorkflowTaskToken,
  RespondWorkflowTaskFailed: WorkflowTaskToken,
  RespondActivityTaskCompleted: ActivityTaskToken,
  RespondActivityTaskFailed: ActivityTaskToken,
  RespondActivityTaskCanceled: ActivityTaskToken,
  RecordActivityTaskHeartbeat: ActivityTaskToken,
  RespondQueryTaskCompleted: QueryTaskToken,
};

function namespaceRule(info: RpcInfo): RpcRules['namespace'] {
  if (byHandler.has(info.name)) return 'byHandler';
  return 'namespace' in messageType(info.request.typeName).fields ? 'required' : 'none';
}

export const rules: ReadonlyMap<RpcName, RpcRules> = new Map(
  rpcs.map((info) => [
    info.name,
    {
      namespace: namespaceRule(info),
      token: tokens[info.name],
      registeredOnly: registeredOnly.has(info.name),
      isTaskPoll: taskPolls.has(info.name),
    },
  ]),
);
