import type { Duplex } from 'node:stream';
import { Server, ServerCredentials, type ServerOptions } from '@grpc/grpc-js';
import type { Dispatcher } from '../rpc/dispatcher.ts';
import { OPERATOR_SERVICE, WORKFLOW_SERVICE } from '../rpc/rpc-info.ts';
import { HealthService, ServingStatus } from './health.ts';
import { referenceTexts } from './reference-texts.ts';
import { grpcService, type GrpcService } from './service-definitions.ts';

const MINUTE_MS = 60_000;

/** Tools of the reference ask after this service, which lives on the same port there. */
const ADMIN_SERVICE = 'temporal.api.adminservice.v1.AdminService';

const optionsOf = (requestBytes: number): ServerOptions => ({
  'grpc.max_receive_message_length': requestBytes,
  'grpc.max_send_message_length': -1,
  // Finds dead clients; SDKs themselves ping every 30 seconds, which is always allowed.
  'grpc.keepalive_time_ms': MINUTE_MS,
  'grpc.keepalive_timeout_ms': 10_000,
  // Lets clients spread anew over the frontends; the grace is longer than a poll.
  'grpc.max_connection_age_ms': 5 * MINUTE_MS,
  'grpc.max_connection_age_grace_ms': 70_000,
  // Bookkeeping for a protocol nobody asks.
  'grpc.enable_channelz': 0,
  interceptors: [referenceTexts],
});

/** The public API over gRPC, with health. */
export class GrpcServer {
  readonly #server: Server;
  readonly #health = new HealthService([WORKFLOW_SERVICE, OPERATOR_SERVICE, ADMIN_SERVICE]);

  constructor(dispatcher: Dispatcher, { requestBytes }: { readonly requestBytes: number }) {
    this.#server = new Server(optionsOf(requestBytes));
    this.#add(grpcService(WORKFLOW_SERVICE, dispatcher));
    this.#add(grpcService(OPERATOR_SERVICE, dispatcher));
    this.#add(this.#health.grpcService);
  }

  /** Resolves with the port that was bound. */
  async listen(ip: string, port: number): Promise<number> {
    const host = ip.includes(':') ? `[${ip}]` : ip;
    const bound = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, actual) => {
        if (error) reject(error);
        else resolve(actual);
      });
    });
    this.#health.set(ServingStatus.SERVING);
    return bound;
  }

  /** Serves without listening: what is handed to the result was accepted by somebody else. */
  takeConnections(): (connection: Duplex) => void {
    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    this.#health.set(ServingStatus.SERVING);
    return (connection) => injector.injectConnection(connection);
  }

  /** Takes no new calls and lets the running ones end, until the signal aborts. */
  async close(signal: AbortSignal): Promise<void> {
    this.#health.set(ServingStatus.NOT_SERVING);
    this.#health.close();
    const force = (): void => this.#server.forceShutdown();
    if (signal.aborted) return force();
    signal.addEventListener('abort', force, { once: true });
    await new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    signal.removeEventListener('abort', force);
  }

  #add({ definition, implementation }: GrpcService): void {
    this.#server.addService(definition, implementation);
  }
}
