import { BusFault, type BusFaultCode, MAX_PAYLOAD_BYTES, type RequestOptions } from './bus.ts';
import { type Deadlines, Expiring } from './deadlines.ts';
import { type Parcel, sizeOf } from './parcel.ts';

/** The bus a request was made on. */
export interface PendingHome {
  readonly deadlines: Deadlines;
  /** Called once, before the outcome is told. */
  onSettled(pending: PendingReply): void;
}

/** A request of this process that waits for its answer. The first outcome counts, later ones are dropped. */
export class PendingReply extends Expiring {
  readonly subject: string;
  readonly promise: Promise<Parcel>;
  readonly #home: PendingHome;
  readonly #timeoutMs: number;
  #resolve: ((reply: Parcel) => void) | undefined;
  #reject: ((fault: BusFault) => void) | undefined;
  #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;

  constructor(subject: string, home: PendingHome, options: RequestOptions) {
    super();
    this.subject = subject;
    this.#home = home;
    this.#timeoutMs = options.timeoutMs;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    home.deadlines.add(this, home.deadlines.nowMs() + options.timeoutMs);
    if (options.signal !== undefined) this.#watch(options.signal);
  }

  get isSettled(): boolean {
    return this.#resolve === undefined;
  }

  succeed(reply: Parcel): void {
    const resolve = this.#resolve;
    if (resolve === undefined) return;
    const bytes = sizeOf(reply);
    if (bytes > MAX_PAYLOAD_BYTES) return this.fail('tooLarge', `the answer has ${bytes} bytes`);
    this.#release();
    resolve(reply);
  }

  fail(code: BusFaultCode, message: string, cause?: unknown): void {
    const reject = this.#reject;
    if (reject === undefined) return;
    this.#release();
    reject(new BusFault(code, `${message} (${this.subject})`, cause === undefined ? undefined : { cause }));
  }

  override expire(): void {
    this.fail('timeout', `no answer within ${Math.round(this.#timeoutMs)} ms`);
  }

  /** Stops waiting without an outcome: its process is gone. */
  forget(): void {
    this.#release();
  }

  #watch(signal: AbortSignal): void {
    const onAbort = (): void => this.fail('aborted', 'the caller gave up', signal.reason);
    if (signal.aborted) return onAbort();
    this.#signal = signal;
    this.#onAbort = onAbort;
    signal.addEventListener('abort', onAbort, { once: true });
  }

  #release(): void {
    if (this.#resolve === undefined) return;
    this.#resolve = this.#reject = undefined;
    this.#home.deadlines.remove(this);
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#home.onSettled(this);
  }
}

/** A request that is not even tried. */
export const refused = (code: BusFaultCode, message: string): Promise<never> =>
  Promise.reject(new BusFault(code, message));
