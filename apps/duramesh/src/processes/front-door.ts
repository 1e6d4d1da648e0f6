import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { ListenFault } from '../start-failure.ts';

/** Takes connections over from whoever accepted them. */
export type Taker = (connection: Socket) => void;

/**
 * The one port of several processes. The connections it accepts go unread to one process after the other: an SDK opens
 * few and long ones, which the kernel, asked to spread them over several listeners, often puts into the same process.
 */
export class FrontDoor {
  readonly #server: Server;
  readonly #takers = new Set<Taker>();

  constructor() {
    this.#server = createServer({ pauseOnConnect: true, noDelay: true }, (connection) => {
      const [next] = this.#takers;
      // As if nobody listened: whoever connects tries again.
      if (next === undefined) return connection.destroy();
      this.#takers.delete(next);
      this.#takers.add(next);
      return next(connection);
    });
  }

  /** @returns the port that was bound. @throws ListenFault */
  async listen(ip: string, port: number): Promise<number> {
    try {
      this.#server.listen(port, ip);
      await once(this.#server, 'listening');
    } catch (cause) {
      throw new ListenFault('frontend', port, { cause });
    }
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  add(taker: Taker): void {
    this.#takers.add(taker);
  }

  remove(taker: Taker): void {
    this.#takers.delete(taker);
  }

  close(): void {
    this.#takers.clear();
    this.#server.close();
  }
}
