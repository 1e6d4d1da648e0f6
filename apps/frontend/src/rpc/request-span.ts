import type { SpanAttributes } from '@duramesh/runtime';
import type { CallMeta } from './call-meta.ts';
import type { RpcInfo } from './rpc-info.ts';
import type { RpcRules, TaskToken } from './rpc-rules.ts';

interface Header {
  readonly fields?: Readonly<Record<string, { readonly data?: Uint8Array }>> | undefined;
}
interface Execution {
  readonly workflowId?: string | undefined;
  readonly runId?: string | undefined;
}
interface Named {
  readonly name?: string | undefined;
}

/** Fields that many requests have, whichever of them a request has. */
interface Request {
  readonly namespace?: string;
  readonly workflowId?: string;
  readonly runId?: string;
  readonly workflowExecution?: Execution | undefined;
  readonly execution?: Execution | undefined;
  readonly workflowType?: Named | undefined;
  readonly taskQueue?: Named | undefined;
  readonly activityId?: string;
  readonly taskToken?: Uint8Array;
  /** Of a task that its worker could not do. */
  readonly failure?: { readonly message?: string | undefined } | undefined;
  readonly header?: Header | undefined;
  readonly query?: { readonly header?: Header | undefined } | undefined;
  readonly request?: { readonly input?: { readonly header?: Header | undefined } | undefined } | undefined;
  readonly operations?: readonly { readonly startWorkflow?: Request | undefined }[];
}

/** Where the OpenTelemetry interceptors of the SDKs write the trace context. */
const TRACER_DATA = '_tracer-data';

/** What a trace tells of a request, and which traces it belongs to. */
export interface RequestSpan {
  /** W3C trace context of what it is a part of; empty: it begins a trace. */
  readonly parent: string;
  readonly links: readonly string[];
  readonly attributes: () => SpanAttributes;
  /** Why a worker could not do its task, if that is what the request says. */
  readonly failure: string | undefined;
}

/** A request is part of the trace of its gRPC call; else of the task that it answers; else of what its SDK says in its header. */
export function requestSpan(request: object, meta: CallMeta, route: { info: RpcInfo; rules: RpcRules }): RequestSpan {
  const token = tokenOf(request, route.rules);
  const ofCall = meta.header('traceparent');
  const ofTask = token?.traceparent ?? '';
  const ofHeader = (): string => traceparentOf((request as Request).operations?.[0]?.startWorkflow ?? request);
  const parent = ofCall || ofTask || ofHeader();
  const links = ofTask !== '' && ofTask !== parent ? [ofTask] : [];
  const { failure } = request as Request;
  return { parent, links, attributes: () => attributesOf(request, token, route.info), failure: failure?.message };
}

function tokenOf({ taskToken }: Request, { token }: RpcRules): TaskToken | undefined {
  try {
    return token && taskToken?.length ? token.decode(taskToken) : undefined;
  } catch {
    // Told to the caller where it is used.
    return undefined;
  }
}

function traceparentOf({ header, query, request }: Request): string {
  const data = (header ?? query?.header ?? request?.input?.header)?.fields?.[TRACER_DATA]?.data;
  if (!data) return '';
  try {
    const { traceparent } = JSON.parse(new TextDecoder().decode(data)) as { readonly traceparent?: unknown };
    return typeof traceparent === 'string' ? traceparent : '';
  } catch {
    // Encrypted, or of another kind of tracing.
    return '';
  }
}

function attributesOf(request: Request, token: TaskToken | undefined, { name, service }: RpcInfo): SpanAttributes {
  const start = request.operations?.[0]?.startWorkflow ?? request;
  const { workflowExecution, execution = workflowExecution } = start;
  return present({
    'rpc.system': 'grpc',
    'rpc.service': service,
    'rpc.method': name,
    temporalNamespace: start.namespace,
    temporalWorkflowId: token?.workflowId || start.workflowId || execution?.workflowId,
    temporalRunId: token?.runId || start.runId || execution?.runId,
    temporalWorkflowType: start.workflowType?.name,
    temporalTaskQueue: start.taskQueue?.name,
    temporalActivityId: token?.activityId || start.activityId,
    'duramesh.attempt': token?.attempt,
  });
}

const present = (values: Readonly<Record<string, string | number | undefined>>): SpanAttributes =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])),
  );
