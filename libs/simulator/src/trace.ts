import type { Clock } from '@duramesh/runtime';

/** Everything that was sent, folded into one number: two runs of a seed must come to the same. */
export class Trace {
  readonly #clock: Clock;
  readonly #keep: boolean;
  readonly lines: string[] = [];
  #hash = 0x811c9dc5;
  messages = 0;

  /** @param keep also keep the lines, to read or to compare them */
  constructor(clock: Clock, keep: boolean) {
    this.#clock = clock;
    this.#keep = keep;
  }

  message(who: string, what: string, payload: Uint8Array): void {
    this.messages += 1;
    this.#fold(`${this.#clock.monotonicMs()} ${who} ${what}`);
    let hash = this.#hash;
    for (const byte of payload) hash = Math.imul(hash ^ byte, 0x01000193);
    this.#hash = hash;
    if (this.#keep) this.lines.push(`${this.#clock.monotonicMs()}ms ${who} ${what} ${payload.length} B`);
  }

  event(text: string): void {
    this.#fold(`${this.#clock.monotonicMs()} ${text}`);
    if (this.#keep) this.lines.push(`${this.#clock.monotonicMs()}ms ${text}`);
  }

  get hash(): number {
    return this.#hash >>> 0;
  }

  #fold(text: string): void {
    let hash = this.#hash;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    this.#hash = hash;
  }
}
