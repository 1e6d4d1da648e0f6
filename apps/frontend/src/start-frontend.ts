import type { Duplex } from 'node:stream';
import { createServices } from './create-services.ts';
import type { FrontendDeps } from './frontend-deps.ts';
import { GrpcServer } from './grpc/grpc-server.ts';
import type { GrpcService } from './grpc/service-definitions.ts';
import { handlerTable } from './handler-table.ts';
import { Dispatcher } from './rpc/dispatcher.ts';

export interface Listen {
  readonly ip: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Where somebody else listens there and accepts for us: told who takes the connections. */
  readonly onConnection?: ((take: (connection: Duplex) => void) => void) | undefined;
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
  more = [],
  ...deps
}: FrontendDeps & { readonly listen: Listen; readonly more?: readonly GrpcService[] }): Promise<Frontend> {
  const stopping = new AbortController();
  const services = createServices(deps, stopping.signal);
  const { requestBytes } = services.limits;
  const server = new GrpcServer(new Dispatcher(services, handlerTable(services)), { requestBytes, more });
  const { ip, port, onConnection } = listen;
  onConnection?.(server.takeConnections());
  const address = { ip, port: onConnection === undefined ? await server.listen(ip, port) : port };
  return {
    address,
    async stop(signal) {
      stopping.abort();
      await server.close(signal);
    },
  };
}
