import { type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall, status } from '@grpc/grpc-js';
import { publicCodec } from '@duramesh/proto';

interface HealthRequest {
  readonly service: string;
}

const SERVING = 1;
const NOT_SERVING = 2;
const requestCodec = publicCodec<HealthRequest>('grpc.health.v1.HealthCheckRequest');
const responseCodec = publicCodec<{ readonly status: number }>('grpc.health.v1.HealthCheckResponse');

const definition = {
  Check: {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: (message: HealthRequest) => Buffer.from(requestCodec.encode(message)),
    requestDeserialize: (bytes: Buffer) => requestCodec.decode(bytes),
    responseSerialize: (message: { readonly status: number }) => Buffer.from(responseCodec.encode(message)),
    responseDeserialize: (bytes: Buffer) => responseCodec.decode(bytes),
  },
} as const;

/** grpc.health.v1.Health of a service whose calls come over the bus, on that service's own port. */
export class HealthServer {
  readonly #server = new Server({ 'grpc.enable_channelz': 0 });
  #status = SERVING;

  /** Known under the empty name, which stands for the server as a whole, and under its own. */
  constructor(service: string) {
    this.#server.addService(definition, {
      Check: (call: ServerUnaryCall<HealthRequest, unknown>, callback: sendUnaryData<{ status: number }>) => {
        const known = call.request.service === '' || call.request.service === service;
        if (known) callback(null, { status: this.#status });
        else callback({ code: status.NOT_FOUND, details: 'unknown service' });
      },
    });
  }

  /** Resolves with the port that was bound. */
  listen(ip: string, port: number): Promise<number> {
    const host = ip.includes(':') ? `[${ip}]` : ip;
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      });
    });
  }

  /** Says that the service is going, until it is closed. */
  drain(): void {
    this.#status = NOT_SERVING;
  }

  close(): void {
    this.#server.forceShutdown();
  }
}
