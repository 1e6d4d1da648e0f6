import type { PeerFrame } from '@duramesh/proto';

/**
 * How a link ended:
 * - `closed`      one of the two sides closed it, or its process ended;
 * - `refused`     the machine answers, and nothing listens there;
 * - `unreachable` no way to the machine, or no answer from it;
 * - `malformed`   what came is no frame of ours;
 * - `oversize`    a frame was announced that is larger than any of ours;
 * - `truncated`   it broke off in the middle of a frame;
 * - `stuck`       the other side does not read.
 */
export type LinkEnd = 'closed' | 'refused' | 'unreachable' | 'malformed' | 'oversize' | 'truncated' | 'stuck';

/** A connection to one other process. Frames arrive in order or not at all. */
export interface PeerLink {
  /** Who is at the other end, for people: known before it has said anything. */
  readonly remote: string;
  /** Does nothing once the link has ended. */
  send(frame: PeerFrame): void;
  /** What was sent before still goes out. No event follows. */
  close(): void;
}

export interface LinkEvents {
  onOpen?(): void;
  onFrame(frame: PeerFrame): void;
  /** Once, and nothing after it. Not called after {@link PeerLink.close}. */
  onEnd(end: LinkEnd): void;
}

/** Carries frames between the members of a service. What waits to be sent or read is bounded. */
export interface PeerTransport {
  /** Resolves with the port that others reach, once `accept` is called with each link that comes in. */
  listen(accept: (link: PeerLink) => LinkEvents): Promise<number>;
  /** Begins to connect; frames that are sent before it is open are lost. */
  connect(address: string, events: LinkEvents): PeerLink;
  /** Takes no more links and ends those there are. */
  close(): Promise<void>;
}
