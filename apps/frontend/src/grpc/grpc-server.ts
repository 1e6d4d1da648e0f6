import type { Duplex } from 'node:stream';
import { Server, ServerCredentials, type ServerOptions } from '@grpc/grpc-js';
import type { Dispatcher } from '../rpc/dispatcher.ts';
import { OPERATOR_SERVICE, WORKFLOW_SERVICE } from '../rpc/rpc-info.ts';
import { referenceTexts } from './reference-texts.ts';
import { grpcService, type GrpcService } from './service-definitions.ts';

const MINUTE_MS = 60_000;

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

export interface GrpcServerOptions {
  /** The largest request that is read. */
  readonly requestBytes: number;
  /** Health, and whatever else is on the port. */
  readonly more: readonly GrpcService[];
}

/** The public API over gRPC. */
export class GrpcServer {
  readonly #server: Server;

  constructor(dispatcher: Dispatcher, { requestBytes, more }: GrpcServerOptions) {
    this.#server = new Server(optionsOf(requestBytes));
    this.#add(grpcService(WORKFLOW_SERVICE, dispatcher));
    this.#add(grpcService(OPERATOR_SERVICE, dispatcher));
    for (const service of more) this.#add(service);
  }

  /** Resolves with the port that was bound. */
  listen(ip: string, port: number): Promise<number> {
    const host = ip.includes(':') ? `[${ip}]` : ip;
    return new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, actual) => {
        if (error) reject(error);
        else resolve(actual);
      });
    });
  }

  /** Serves without listening: what is handed to the result was accepted by somebody else. */
  takeConnections(): (connection: Duplex) => void {
    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    return (connection) => injector.injectConnection(connection);
  }

  /** Takes no new calls and lets the running ones end, until the signal aborts. */
  async close(signal: AbortSignal): Promise<void> {
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
