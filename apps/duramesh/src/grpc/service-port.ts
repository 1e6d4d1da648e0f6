import { Server, ServerCredentials } from '@grpc/grpc-js';
import { hostOf } from '../host-of.ts';
import type { GrpcService } from './grpc-service.ts';

/** The gRPC port of a service whose calls come over the bus: for operators and whatever watches it. */
export class ServicePort {
  readonly #server = new Server({ 'grpc.enable_channelz': 0 });

  constructor(services: readonly GrpcService[]) {
    for (const { definition, implementation } of services) this.#server.addService(definition, implementation);
  }

  /** Resolves with the port that was bound. */
  listen(ip: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(`${hostOf(ip)}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      });
    });
  }

  close(): void {
    this.#server.forceShutdown();
  }
}
