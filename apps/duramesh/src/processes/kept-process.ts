import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Logger } from '@duramesh/runtime';
import { NUMBER_VARIABLE, type Order, type Readiness, type Report } from './messages.ts';

const CONNECTION: Order = { kind: 'connection' };

/** How a process ended. */
export interface Ending {
  /** A line of its own about why it could not start. */
  readonly message: string | undefined;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface KeptProcessOptions {
  readonly number: number;
  /** Of `duramesh`. */
  readonly program: string;
  readonly args: readonly string[];
  readonly logger: Logger;
}

/** One run of one of the processes. */
export class KeptProcess {
  readonly number: number;
  /** Resolves when it serves; never, when it ends before. */
  readonly ready: Promise<Readiness>;
  readonly drained: Promise<void>;
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #logger: Logger;
  /** Connections on their way to the process. */
  readonly #leaving = new Set<Socket>();
  #message: string | undefined;

  constructor({ number, program, args, logger }: KeptProcessOptions) {
    this.number = number;
    this.#logger = logger;
    // Of a group of its own: the terminal's Ctrl-C is for us, who pass it on in order.
    this.#child = fork(program, args, {
      detached: true,
      env: { ...process.env, [NUMBER_VARIABLE]: String(number) },
    });
    const ready = Promise.withResolvers<Readiness>();
    const drained = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<Ending>();
    this.ready = ready.promise;
    this.drained = drained.promise;
    this.ended = ended.promise;
    this.#child.on('message', (message) => {
      const report = message as Report;
      if (report.kind === 'ready') ready.resolve(report.readiness);
      else if (report.kind === 'drained') drained.resolve();
      else this.#message = report.message;
    });
    void this.ended.then(() => {
      for (const connection of this.#leaving) connection.destroy();
    });
    this.#child.once('exit', (code, signal) => ended.resolve({ message: this.#message, code, signal }));
    this.#child.once('error', (error) => ended.resolve({ message: error.message, code: null, signal: null }));
  }

  /**
   * Ours is closed when theirs is on its way. Left to `send`, which closes it when it is there, it would stay open for ever
   * with a process that dies meanwhile, and the client would wait for nobody.
   */
  readonly take = (connection: Socket): void => {
    this.#leaving.add(connection);
    const done = (): void => {
      this.#leaving.delete(connection);
      connection.destroy();
    };
    if (this.#child.connected) this.#child.send(CONNECTION, connection, { keepOpen: true }, done);
    else done();
  };

  drain(): void {
    this.#order({ kind: 'drain' });
  }

  stop(): void {
    this.#order({ kind: 'stop' });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #order(order: Order): void {
    if (!this.#child.connected) return;
    this.#child.send(order, (error) => {
      if (error !== null) this.#logger.debug({ error, process: this.number }, 'a process could not be told');
    });
  }
}
