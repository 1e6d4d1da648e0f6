import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';

/** One port in front of several servers on the loopback address, as a load balancer of connections is. */
export interface TcpBalancer {
  readonly port: number;
  close(): Promise<void>;
}

/** New connections go to one server after the other; one that refuses is passed over. */
export async function startTcpBalancer(targets: readonly number[], port = 0): Promise<TcpBalancer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer({ pauseOnConnect: true }, (client) => {
    keep(client);
    client.on('error', () => client.destroy());
    const first = accepted++;
    const tryNext = (tried: number): void => {
      const target = targets[(first + tried) % targets.length];
      if (target === undefined || tried === targets.length) return void client.destroy();
      const upstream = createConnection(target, '127.0.0.1');
      keep(upstream);
      const refused = (): void => tryNext(tried + 1);
      upstream.once('error', refused);
      upstream.once('connect', () => {
        upstream.off('error', refused).on('error', () => upstream.destroy());
        join(client, upstream);
      });
    };
    tryNext(0);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** What ends one ends the other. */
function join(client: Socket, upstream: Socket): void {
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    from.setNoDelay(true).pipe(to);
    from.once('close', () => to.destroy());
  }
  if (client.destroyed) upstream.destroy();
}
