import type { RpcName, RpcRequest, RpcResponse } from '@duramesh/frontend';
import type { Clock, Dice } from '@duramesh/runtime';
import type { Faults } from '../faults.ts';
import type { Ledger } from '../ledger.ts';
import type { Mix } from '../mix.ts';
import type { SimProcess } from '../process.ts';
import type { Manners } from './manners.ts';

export const NAMESPACE = 'default';
export const NORMAL = 1;
export const POLL_MS = 12_000;
const CALL_MS = 8_000;

export interface WorkerSurroundings {
  readonly clock: Clock;
  readonly dice: Dice;
  readonly faults: Faults;
  readonly ledger: Ledger;
  readonly mix: Mix;
  readonly manners: Manners;
  readonly frontends: readonly SimProcess[];
  readonly taskQueue: string;
}

/** Asks some frontend once: what is not answered was in vain. */
export type Call = <N extends RpcName>(name: N, request: RpcRequest<N>, timeoutMs?: number) => Promise<RpcResponse<N>>;

export const callOf =
  ({ dice, frontends }: WorkerSurroundings): Call =>
  (name, request, timeoutMs = CALL_MS) =>
    dice.pick(frontends).call(name, request, timeoutMs);

/** The process disappears for a while: what it holds is not answered. */
export const vanishes = ({ dice, faults }: WorkerSurroundings): boolean => dice.happens(faults.rates.vanish);
