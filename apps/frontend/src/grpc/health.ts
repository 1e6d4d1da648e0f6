import type { sendUnaryData, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { notFound } from '@duramesh/contracts';
import { publicCodec } from '@duramesh/proto';
import { asBuffer, toGrpcStatus } from './status.ts';
import type { GrpcService } from './service-definitions.ts';

interface HealthRequest {
  readonly service: string;
}
interface HealthResponse {
  readonly status: number;
}

const requestCodec = publicCodec<HealthRequest>('grpc.health.v1.HealthCheckRequest');
const responseCodec = publicCodec<HealthResponse>('grpc.health.v1.HealthCheckResponse');

export const ServingStatus = { SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;
export type ServingStatus = (typeof ServingStatus)[keyof typeof ServingStatus];

type Watcher = ServerWritableStream<HealthRequest, HealthResponse>;

/** grpc.health.v1.Health: whether the named services take calls. All of them do so together. */
export class HealthService {
  readonly #services: ReadonlySet<string>;
  readonly #watchers = new Set<Watcher>();
  #status: ServingStatus = ServingStatus.NOT_SERVING;

  /** The empty name, which stands for the server as a whole, is always answered. */
  constructor(services: readonly string[]) {
    this.#services = new Set(['', ...services]);
  }

  set(status: ServingStatus): void {
    this.#status = status;
    for (const watcher of this.#watchers) watcher.write({ status: this.#statusOf(watcher.request.service) });
  }

  /** Ends the watches, which otherwise last as long as their clients. */
  close(): void {
    for (const watcher of this.#watchers) watcher.end();
    this.#watchers.clear();
  }

  get grpcService(): GrpcService {
    return {
      definition: { Check: definition('Check', false), Watch: definition('Watch', true) },
      implementation: {
        Check: (call: ServerUnaryCall<HealthRequest, HealthResponse>, callback: sendUnaryData<HealthResponse>) =>
          this.#check(call.request.service, callback),
        Watch: (call: Watcher) => this.#watch(call),
      },
    };
  }

  #statusOf(service: string): ServingStatus {
    return this.#services.has(service) ? this.#status : ServingStatus.SERVICE_UNKNOWN;
  }

  #check(service: string, callback: sendUnaryData<HealthResponse>): void {
    if (this.#services.has(service)) callback(null, { status: this.#status });
    else callback(toGrpcStatus(notFound('unknown service')));
  }

  #watch(call: Watcher): void {
    this.#watchers.add(call);
    call.once('cancelled', () => this.#watchers.delete(call));
    call.write({ status: this.#statusOf(call.request.service) });
  }
}

function definition(method: string, responseStream: boolean): GrpcService['definition'][string] {
  return {
    path: `/grpc.health.v1.Health/${method}`,
    requestStream: false,
    responseStream,
    requestSerialize: (message: HealthRequest) => asBuffer(requestCodec.encode(message)),
    requestDeserialize: (bytes: Buffer) => requestCodec.decode(bytes),
    responseSerialize: (message: HealthResponse) => asBuffer(responseCodec.encode(message)),
    responseDeserialize: (bytes: Buffer) => responseCodec.decode(bytes),
  };
}
