import type { ServiceName } from '@duramesh/config';

/** What a process tells once it serves. */
export interface Readiness {
  readonly ports: Readonly<Partial<Record<ServiceName, number>>>;
  readonly telemetryPort: number;
  readonly shards: number;
}

/** From a process to the one that keeps it. */
export type Report =
  | { readonly kind: 'ready'; readonly readiness: Readiness }
  /** It cannot start, and ends; a line for people. */
  | { readonly kind: 'failed'; readonly message: string }
  /** Its frontend has answered all it took. */
  | { readonly kind: 'drained' };

/** From the keeper to a process. A `connection` comes with a socket. */
export type Order = { readonly kind: 'connection' } | { readonly kind: 'drain' } | { readonly kind: 'stop' };

/** Names a process by its number, from one on, in the environment of a process that is kept. */
export const NUMBER_VARIABLE = 'DURAMESH_KEPT_PROCESS';
