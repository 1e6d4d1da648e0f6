import type { CallOptions } from '@duramesh/contracts';
import type { NamespaceRecord } from '@duramesh/proto';
import { type Clock, must } from '@duramesh/runtime';
import type { CallMeta } from './call-meta.ts';

/** One call as its handler sees it. */
export class HandlerCall {
  readonly #meta: CallMeta;
  readonly #clock: Clock;
  readonly #namespace: NamespaceRecord | undefined;
  readonly deadlineMs: number;

  constructor(meta: CallMeta, clock: Clock, namespace: NamespaceRecord | undefined) {
    this.#meta = meta;
    this.#clock = clock;
    this.#namespace = namespace;
    this.deadlineMs = meta.deadlineMs;
  }

  /** The namespace the request names; only of RPCs that name one. */
  get namespace(): NamespaceRecord {
    return must(this.#namespace, 'the call has no namespace');
  }

  /** Aborts when the caller is gone. */
  get signal(): AbortSignal {
    return this.#meta.signal;
  }

  remainingMs(): number {
    return this.deadlineMs - this.#clock.now();
  }

  header(name: string): string {
    return this.#meta.header(name);
  }

  /** For a call to another service that may take as long as the caller waits, or `maxMs`. */
  options(maxMs = Number.POSITIVE_INFINITY): CallOptions | undefined {
    const timeoutMs = Math.min(this.remainingMs(), maxMs);
    const traceparent = this.#meta.header('traceparent');
    if (timeoutMs === Number.POSITIVE_INFINITY) return traceparent === '' ? undefined : { traceparent };
    return { timeoutMs: Math.max(timeoutMs, 1), ...(traceparent !== '' && { traceparent }) };
  }
}
