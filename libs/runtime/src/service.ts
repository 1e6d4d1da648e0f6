/** Something that runs until it is stopped. */
export interface Service {
  /** Resolves when it serves; rejects when it cannot start. */
  start(): Promise<void>;
  /** Takes no new work, finishes what runs (until the signal aborts), releases what it holds. */
  stop(signal?: AbortSignal): Promise<void>;
}
