import { Client, type ClientUnaryCall, credentials, Metadata } from '@grpc/grpc-js';
import { type Codec, type Plain, publicCodec, type temporal } from '@duramesh/proto';

/** The RPCs a generator needs: the message of the request, then that of the response. */
export interface Rpcs {
  StartWorkflowExecution: [
    Plain<temporal.api.workflowservice.v1.IStartWorkflowExecutionRequest>,
    Plain<temporal.api.workflowservice.v1.IStartWorkflowExecutionResponse>,
  ];
  ListWorkflowExecutions: [
    Plain<temporal.api.workflowservice.v1.IListWorkflowExecutionsRequest>,
    Plain<temporal.api.workflowservice.v1.IListWorkflowExecutionsResponse>,
  ];
  DescribeWorkflowExecution: [
    Plain<temporal.api.workflowservice.v1.IDescribeWorkflowExecutionRequest>,
    Plain<temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse>,
  ];
  SignalWorkflowExecution: [Plain<temporal.api.workflowservice.v1.ISignalWorkflowExecutionRequest>, object];
  TerminateWorkflowExecution: [Plain<temporal.api.workflowservice.v1.ITerminateWorkflowExecutionRequest>, object];
  GetWorkflowExecutionHistory: [
    Plain<temporal.api.workflowservice.v1.IGetWorkflowExecutionHistoryRequest>,
    Plain<temporal.api.workflowservice.v1.IGetWorkflowExecutionHistoryResponse>,
  ];
  PollWorkflowTaskQueue: [
    Plain<temporal.api.workflowservice.v1.IPollWorkflowTaskQueueRequest>,
    Plain<temporal.api.workflowservice.v1.IPollWorkflowTaskQueueResponse>,
  ];
  RespondWorkflowTaskCompleted: [
    Plain<temporal.api.workflowservice.v1.IRespondWorkflowTaskCompletedRequest>,
    Plain<temporal.api.workflowservice.v1.IRespondWorkflowTaskCompletedResponse>,
  ];
  PollActivityTaskQueue: [
    Plain<temporal.api.workflowservice.v1.IPollActivityTaskQueueRequest>,
    Plain<temporal.api.workflowservice.v1.IPollActivityTaskQueueResponse>,
  ];
  RespondActivityTaskCompleted: [
    Plain<temporal.api.workflowservice.v1.IRespondActivityTaskCompletedRequest>,
    Plain<temporal.api.workflowservice.v1.IRespondActivityTaskCompletedResponse>,
  ];
}

export type RpcName = keyof Rpcs;
export type WorkflowTask = Rpcs['PollWorkflowTaskQueue'][1];
export type ActivityTask = Rpcs['PollActivityTaskQueue'][1];

const PACKAGE = 'temporal.api.workflowservice.v1';
const codecs = new Map<string, Codec<object>>();

function codecOf(message: string): Codec<object> {
  let codec = codecs.get(message);
  if (codec === undefined) codecs.set(message, (codec = publicCodec<object>(`${PACKAGE}.${message}`)));
  return codec;
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** One connection to a server that speaks the Temporal API, without an SDK on top. */
export class Wire {
  readonly #client: Client;
  readonly #metadata = new Metadata();
  readonly #underWay = new Set<ClientUnaryCall>();

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_receive_message_length': 64 * 1024 * 1024,
      // Servers that are killed come back soon.
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 500,
    });
    this.#metadata.set('client-name', 'temporal-typescript');
    this.#metadata.set('client-version', '1.24.0');
  }

  /** @throws the gRPC status when it is not OK */
  call<R extends RpcName>(rpc: R, request: Rpcs[R][0], timeoutMs: number): Promise<Rpcs[R][1]> {
    const [requests, responses] = [codecOf(`${rpc}Request`), codecOf(`${rpc}Response`)];
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest<object, object>(
        `/${PACKAGE}.WorkflowService/${rpc}`,
        (message) => asBuffer(requests.encode(message)),
        (bytes) => responses.decode(bytes),
        request,
        this.#metadata,
        { deadline: Date.now() + timeoutMs },
        (error, response) => {
          this.#underWay.delete(call);
          if (error !== null) reject(error);
          else resolve((response ?? {}) as Rpcs[R][1]);
        },
      );
      this.#underWay.add(call);
    });
  }

  /** Calls under way end as CANCELLED. */
  close(): void {
    for (const call of this.#underWay) call.cancel();
    this.#client.close();
  }
}

/** The status code of a failed call; undefined for anything else. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}
