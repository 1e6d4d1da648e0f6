import { type BusContext, BusFault } from './bus.ts';
import { type Deadlines, Expiring } from './deadlines.ts';

/** What the requests one bus serves have in common. */
export class ServingScope {
  readonly deadlines: Deadlines;
  /** Requests that run and whose signal somebody watches. */
  readonly watched = new Set<ServedRequest>();
  /** Requests there was no room for. */
  overloadedRequests = 0;

  constructor(deadlines: Deadlines) {
    this.deadlines = deadlines;
  }

  abortAll(): void {
    for (const request of this.watched) request.abort(new BusFault('closed', 'the bus is closing'));
  }
}

/** Where a request came from, as its handler may ask. */
export interface Origin {
  readonly timeoutMs: number;
  readonly traceparent?: string | undefined;
  readonly caller?: string | undefined;
}

/** One request this process answers, as its handler sees it. */
export class ServedRequest extends Expiring implements BusContext {
  readonly subject: string;
  readonly traceparent: string;
  readonly caller: string;
  readonly #scope: ServingScope;
  readonly #deadlineMs: number;
  #controller: AbortController | undefined;

  constructor(subject: string, scope: ServingScope, origin: Origin) {
    super();
    this.subject = subject;
    this.traceparent = origin.traceparent ?? '';
    this.caller = origin.caller ?? '';
    this.#scope = scope;
    this.#deadlineMs = scope.deadlines.nowMs() + origin.timeoutMs;
  }

  /** Made when first asked for: most handlers never do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      this.#scope.watched.add(this);
      this.#scope.deadlines.add(this, this.#deadlineMs);
    }
    return this.#controller.signal;
  }

  remainingMs(): number {
    return Math.max(0, this.#deadlineMs - this.#scope.deadlines.nowMs());
  }

  override expire(): void {
    this.abort(new BusFault('timeout', `the caller's deadline has passed (${this.subject})`));
  }

  abort(reason: BusFault): void {
    this.#controller?.abort(reason);
  }

  finish(): void {
    if (this.#controller === undefined) return;
    this.#scope.deadlines.remove(this);
    this.#scope.watched.delete(this);
  }
}
