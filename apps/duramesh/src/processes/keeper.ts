import type { Config } from '@duramesh/config';
import type { Clock, Logger } from '@duramesh/runtime';
import { FrontDoor } from './front-door.ts';
import { type Ending, KeptProcess } from './kept-process.ts';
import type { Readiness } from './messages.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** A process that ran so long was well; what ends it then is a new trouble. */
const WELL_AFTER_MS = 60_000;
/** Longer than a process gives what it still runs. */
const DRAIN_MS = 12_000;
const STOP_MS = 12_000;

/** A process that cannot start, in a line of its own. */
export class ProcessFailed extends Error {
  override readonly name = 'ProcessFailed';
}

export interface KeeperOptions {
  readonly config: Config;
  readonly program: string;
  readonly args: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Where several processes are reached. */
export interface Kept {
  /** Of the frontends, undefined where none of them runs here. */
  readonly port: number | undefined;
  /** Of each process in turn. */
  readonly processes: readonly Readiness[];
}

/** Keeps several processes alive behind one port: starts those again that end by themselves, and ends all in order. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #door = new FrontDoor();
  readonly #running = new Map<number, KeptProcess>();
  readonly #stopping = new AbortController();
  /** From the moment when all serve for the first time. */
  #isOpen = false;
  /** Of each process, until it is not started again. */
  readonly #keeping: Promise<void>[] = [];

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /**
   * Resolves when all serve. The first process comes alone: what is wrong with the settings is found, and told, once.
   * @throws ListenFault, ProcessFailed, or the reason of `stop`, with nothing left behind after `stop`
   */
  async start(): Promise<Kept> {
    const { ip, ports, processes, services } = this.#options.config;
    const port = services.includes('frontend') ? await this.#door.listen(ip, ports.frontend) : undefined;
    const first = await this.#startFirst(1);
    const others = Array.from({ length: processes - 1 }, (_, at) => this.#startFirst(at + 2));
    const kept = { port, processes: [first, ...(await Promise.all(others))] };
    this.#isOpen = true;
    for (const run of this.#running.values()) this.#door.add(run.take);
    return kept;
  }

  /** Takes no more connections, lets all frontends answer what they took, then ends the processes. */
  async stop(): Promise<void> {
    this.#door.close();
    this.#stopping.abort();
    const running = [...this.#running.values()];
    for (const it of running) it.drain();
    await this.#within(
      DRAIN_MS,
      running.map((it) => Promise.race([it.drained, it.ended])),
    );
    for (const it of running) it.stop();
    await this.#within(
      STOP_MS,
      running.map((it) => it.ended),
    );
    for (const { number } of this.#running.values()) {
      this.#options.logger.error({ process: number }, 'A process did not stop and is killed.');
    }
    this.kill();
    await Promise.all([...running.map((it) => it.ended), ...this.#keeping]);
  }

  /** At once; what was acknowledged is stored. */
  kill(): void {
    this.#stopping.abort();
    for (const it of this.#running.values()) it.kill();
  }

  /** Its first start, which must succeed; from then on it is kept. */
  async #startFirst(number: number): Promise<Readiness> {
    this.#stopping.signal.throwIfAborted();
    const run = this.#run(number);
    const outcome = await Promise.race([run.ready, run.ended]);
    if (!('code' in outcome)) {
      this.#keeping.push(this.#keep(run));
      return outcome;
    }
    this.#stopping.signal.throwIfAborted();
    throw new ProcessFailed(outcome.message ?? `process ${number} ended at its start: ${howOf(outcome)}`);
  }

  async #keep(first: KeptProcess): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#stopping;
    const { number } = first;
    let pauseMs = FIRST_PAUSE_MS;
    for (let run = first; ; run = this.#run(number)) {
      const startedAtMs = clock.monotonicMs();
      const ending = await run.ended;
      if (signal.aborted) return;
      if (clock.monotonicMs() - startedAtMs > WELL_AFTER_MS) pauseMs = FIRST_PAUSE_MS;
      const why = ending.message ?? howOf(ending);
      logger.error({ process: number, pauseMs }, `A process ended by itself and is started again: ${why}.`);
      await clock.sleep(pauseMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
  }

  #run(number: number): KeptProcess {
    const { program, args, logger } = this.#options;
    const run = new KeptProcess({ number, program, args, logger });
    this.#running.set(number, run);
    void run.ready.then(() => {
      if (this.#isOpen && !this.#stopping.signal.aborted) this.#door.add(run.take);
    });
    void run.ended.then(() => {
      this.#door.remove(run.take);
      this.#running.delete(number);
    });
    return run;
  }

  async #within(limitMs: number, waits: readonly Promise<unknown>[]): Promise<void> {
    const enough = new AbortController();
    const late = this.#options.clock.sleep(limitMs, enough.signal).catch(() => undefined);
    await Promise.race([Promise.all(waits), late]);
    enough.abort();
  }
}

const howOf = ({ code, signal }: Ending): string => (signal === null ? `exit code ${code}` : signal);
