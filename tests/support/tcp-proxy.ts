import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';

/** Passed on; or lost, and the connection with it; or passed on, and the connection lost in the place of an answer. */
export type Fate = 'pass' | 'lose' | 'lose the answer';

/** Stands between a client and a server on the loopback address. */
export interface TcpProxy {
  readonly port: number;
  /** Of clients, now. */
  readonly connections: number;
  /** Requests still go through, answers do not come back. Resolves when the next request has reached the server. */
  withholdAnswers(): Promise<void>;
  /** Reads nothing that the server sends from now on, on the connections there are, so that it has to keep it. */
  stopReading(): void;
  /** Asked from now on what becomes of each piece that a client sends. */
  judge(fateOf: (sent: Buffer) => Fate): void;
  /** Everything takes so much longer on its way, in each direction, until another figure is given. */
  delay(ms: number): void;
  /** Nothing passes in either direction, as behind a broken switch; what was sent meanwhile arrives after `release`. */
  hold(): void;
  release(): void;
  /** Breaks all connections and lets new ones through again. */
  cut(): void;
  /** As when the server is killed: its connections are reset, without an end. */
  reset(): void;
  close(): Promise<void>;
}

/** Lets pieces through in their order, each when its time has come. */
class Way {
  readonly #waiting: { readonly chunk: Buffer; readonly dueMs: number }[] = [];
  readonly #deliver: (chunk: Buffer) => void;
  #timer: NodeJS.Timeout | undefined;
  isHeld = false;

  constructor(deliver: (chunk: Buffer) => void) {
    this.#deliver = deliver;
  }

  send(chunk: Buffer, delayMs: number): void {
    this.#waiting.push({ chunk, dueMs: performance.now() + delayMs });
    this.flush();
  }

  flush(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined || this.isHeld) return;
      const inMs = first.dueMs - performance.now();
      if (inMs > 0) {
        this.#timer = setTimeout(() => this.flush(), inMs);
        return;
      }
      this.#waiting.shift();
      this.#deliver(first.chunk);
    }
  }
}

export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const upstreams = new Set<Socket>();
  let isWithholding = false;
  let onRequest: (() => void) | undefined;
  let fateOf: (sent: Buffer) => Fate = () => 'pass';
  const ways = new Set<Way>();
  let delayMs = 0;
  let isHeld = false;
  const openWay = (to: Socket, deliver: (chunk: Buffer) => void): Way => {
    const way = new Way(deliver);
    way.isHeld = isHeld;
    ways.add(way);
    to.once('close', () => ways.delete(way));
    return way;
  };
  const server = createServer((client) => {
    const upstream = createConnection(target, '127.0.0.1');
    upstreams.add(upstream);
    upstream.once('close', () => upstreams.delete(upstream));
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
    const [there, back] = [
      openWay(upstream, (chunk) => upstream.write(chunk, () => onRequest?.())),
      openWay(client, (chunk) => client.write(chunk)),
    ];
    let isAnswerLost = false;
    client.on('data', (chunk: Buffer) => {
      const fate = fateOf(chunk);
      isAnswerLost ||= fate === 'lose the answer';
      if (fate === 'lose') client.destroy();
      else there.send(chunk, delayMs);
    });
    upstream.on('data', (chunk: Buffer) => {
      if (isAnswerLost) client.destroy();
      else if (!isWithholding) back.send(chunk, delayMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get connections() {
      return upstreams.size;
    },
    withholdAnswers() {
      isWithholding = true;
      return new Promise((resolve) => (onRequest = resolve));
    },
    stopReading() {
      for (const upstream of upstreams) upstream.pause();
    },
    judge(judged) {
      fateOf = judged;
    },
    delay(ms) {
      delayMs = ms;
    },
    hold() {
      isHeld = true;
      for (const way of ways) way.isHeld = true;
    },
    release() {
      isHeld = false;
      for (const way of ways) {
        way.isHeld = false;
        way.flush();
      }
    },
    cut() {
      isWithholding = false;
      onRequest = undefined;
      for (const socket of sockets) socket.destroy();
    },
    reset() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
