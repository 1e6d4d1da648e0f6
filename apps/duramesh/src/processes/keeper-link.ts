import { Socket } from 'node:net';
import { NUMBER_VARIABLE, type Order, type Report } from './messages.ts';

/** A process that is kept by another one, seen from inside: who tells it what to do, and is told how it fares. */
export class KeeperLink {
  /** From one on. */
  readonly number: number;
  /** Aborts when the process is to end: the keeper says so, is gone, or somebody else sends SIGTERM. */
  readonly stopping: AbortSignal;
  /** Resolves when the frontend is to answer what it took, and the rest to go on. */
  readonly drainWanted: Promise<void>;
  #take: ((connection: Socket) => void) | undefined;

  constructor(number: number) {
    this.number = number;
    const stop = new AbortController();
    this.stopping = stop.signal;
    const drain = Promise.withResolvers<void>();
    this.drainWanted = drain.promise;
    process.on('message', (message, handle) => {
      const order = message as Order;
      if (order.kind === 'stop') stop.abort();
      else if (order.kind === 'drain') drain.resolve();
      else if (handle instanceof Socket) this.#accept(handle);
    });
    process.once('disconnect', () => stop.abort());
    process.on('SIGTERM', () => stop.abort());
    // For the keeper, who passes it on.
    process.on('SIGINT', () => {});
  }

  /** Connections of the shared port go there from now on. */
  readonly onConnection = (take: (connection: Socket) => void): void => {
    this.#take = take;
  };

  /** Resolves when it is on its way, or nobody is there any more. */
  report(report: Report): Promise<void> {
    return new Promise((resolve) => {
      if (process.send === undefined || !process.connected) resolve();
      else process.send(report, () => resolve());
    });
  }

  /** Ends this process, which cannot start, with a line for people. */
  async fail(message: string): Promise<void> {
    await this.report({ kind: 'failed', message });
    process.exit(1);
  }

  #accept(connection: Socket): void {
    if (this.#take === undefined) connection.destroy();
    else this.#take(connection);
  }
}

/** Undefined unless another process keeps this one. */
export function keeperLink(): KeeperLink | undefined {
  const { [NUMBER_VARIABLE]: number } = process.env;
  return number === undefined || process.send === undefined ? undefined : new KeeperLink(Number(number));
}
