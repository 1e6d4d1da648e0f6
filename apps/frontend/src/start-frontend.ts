import { createServices } from './create-services.ts';
import type { FrontendDeps } from './frontend-deps.ts';
import { GrpcServer } from './grpc/grpc-server.ts';
import { handlerTable } from './handler-table.ts';
import { Dispatcher } from './rpc/dispatcher.ts';

export interface Listen {
  readonly ip: string;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface Frontend {
  /** Where it listens. */
  readonly address: { readonly ip: string; readonly port: number };
  /** Ends what waits, lets what runs finish until the signal aborts, then closes. */
  stop(signal: AbortSignal): Promise<void>;
}

/** Serves the public API over gRPC. Resolves when it does; rejects when it cannot listen. */
export async function startFrontend({
  listen,
  ...deps
}: FrontendDeps & { readonly listen: Listen }): Promise<Frontend> {
  const stopping = new AbortController();
  const services = createServices(deps, stopping.signal);
  const server = new GrpcServer(new Dispatcher(services, handlerTable(services)), services.limits);
  const port = await server.listen(listen.ip, listen.port);
  return {
    address: { ip: listen.ip, port },
    async stop(signal) {
      stopping.abort();
      await server.close(signal);
    },
  };
}
