/** What messages leave by: a connection that is up. */
export interface Wire {
  /** What fits into one message, frame excluded. */
  readonly limitBytes: number;
  /** @returns false when the connection is down: nothing was sent */
  publish(subject: string, data: Uint8Array, reply?: string): boolean;
}

/** A message as it comes from a broker. */
export interface Incoming {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Where an answer goes. */
  readonly reply?: string | undefined;
}
