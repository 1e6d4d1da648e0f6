import type { ServerUnaryCall } from '@grpc/grpc-js';
import type { CallMeta } from '../rpc/call-meta.ts';

/** One for all: making an error for each caller that hangs up costs more than answering it. */
const callerGone = new Error('the caller is gone');

/** A gRPC call as handlers see it. The abort signal is made only for those who ask: most calls never do. */
export class GrpcCallMeta implements CallMeta {
  readonly #call: ServerUnaryCall<unknown, unknown>;
  #controller: AbortController | undefined;
  #isAnswered = false;

  constructor(call: ServerUnaryCall<unknown, unknown>) {
    this.#call = call;
  }

  get deadlineMs(): number {
    const deadline = this.#call.getDeadline();
    return typeof deadline === 'number' ? deadline : deadline.getTime();
  }

  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal;
    const controller = new AbortController();
    this.#controller = controller;
    if (this.#call.cancelled) controller.abort(callerGone);
    else this.#call.once('cancelled', () => this.#isAnswered || controller.abort(callerGone));
    return controller.signal;
  }

  /** Nobody is behind the signal any more. The server calls every call cancelled in the end, the answered ones too. */
  answered(): void {
    this.#isAnswered = true;
  }

  header(name: string): string {
    const value = this.#call.metadata.get(name)[0];
    return typeof value === 'string' ? value : '';
  }
}
