import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';

/** Passed on; or lost, and the connection with it; or passed on, and the connection lost in the place of an answer. */
export type Fate = 'pass' | 'lose' | 'lose the answer';

/** Stands between a client and a server on the loopback address. */
export interface TcpProxy {
  readonly port: number;
  /** Requests still go through, answers do not come back. Resolves when the next request has reached the server. */
  withholdAnswers(): Promise<void>;
  /** Asked from now on what becomes of each piece that a client sends. */
  judge(fateOf: (sent: Buffer) => Fate): void;
  /** Breaks all connections and lets new ones through again. */
  cut(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isWithholding = false;
  let onRequest: (() => void) | undefined;
  let fateOf: (sent: Buffer) => Fate = () => 'pass';
  const server = createServer((client) => {
    const upstream = createConnection(target, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket
        .on('error', () => other.destroy())
        .on('close', () => {
          sockets.delete(socket);
          other.destroy();
        });
    }
    let isAnswerLost = false;
    client.on('data', (chunk: Buffer) => {
      const fate = fateOf(chunk);
      isAnswerLost ||= fate === 'lose the answer';
      if (fate === 'lose') client.destroy();
      else upstream.write(chunk, () => onRequest?.());
    });
    upstream.on('data', (chunk: Buffer) => {
      if (isAnswerLost) client.destroy();
      else if (!isWithholding) client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    withholdAnswers() {
      isWithholding = true;
      return new Promise((resolve) => (onRequest = resolve));
    },
    judge(judged) {
      fateOf = judged;
    },
    cut() {
      isWithholding = false;
      onRequest = undefined;
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
