import { GrpcCode, ServiceError } from '@duramesh/contracts';
import type { RpcName, RpcRequest, RpcResponse } from '@duramesh/frontend';
import type { Clock, Dice, Ids } from '@duramesh/runtime';
import type { Ledger } from '../ledger.ts';
import { ConnectionLost, type SimProcess } from '../process.ts';

export const NAMESPACE = 'default';
const CALL_MS = 8_000;
export const PATIENCE_MS = 900_000;
/** What an SDK's client asks again for. */
const RETRYABLE: ReadonlySet<number> = new Set([
  GrpcCode.UNAVAILABLE,
  GrpcCode.RESOURCE_EXHAUSTED,
  GrpcCode.ABORTED,
  GrpcCode.DEADLINE_EXCEEDED,
  GrpcCode.CANCELLED,
]);

export interface ClientSurroundings {
  readonly clock: Clock;
  readonly dice: Dice;
  readonly ids: Ids;
  readonly ledger: Ledger;
  readonly frontends: readonly SimProcess[];
}

export interface Execution {
  readonly workflowId: string;
  readonly runId: string;
}

type Description = RpcResponse<'DescribeWorkflowExecution'>;
type Accepts = (error: unknown) => boolean;

/** Calls the public API as an SDK's client does. */
export class Caller {
  readonly world: ClientSurroundings;

  constructor(world: ClientSurroundings) {
    this.world = world;
  }

  /** Repeats a request until it is answered. A refusal that the world does not `accept` is a broken promise. */
  async insist<N extends RpcName>(name: N, request: RpcRequest<N>, accepts: Accepts): Promise<RpcResponse<N>> {
    const { clock, dice, frontends, ledger } = this.world;
    const untilMs = clock.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await dice.pick(frontends).call(name, { ...request }, CALL_MS);
      } catch (error) {
        const isRetryable =
          error instanceof ConnectionLost || (error instanceof ServiceError && RETRYABLE.has(error.code));
        if (!isRetryable) {
          if (!accepts(error)) ledger.violation(`${name} was answered ${String(error)}`);
          throw error;
        }
        if (clock.now() > untilMs) throw error;
        await clock.sleep(dice.between(100, 1_000));
      }
    }
  }

  /** The same for what may be refused; undefined when it is. */
  async ask<N extends RpcName>(name: N, request: RpcRequest<N>, accepts: Accepts): Promise<RpcResponse<N> | undefined> {
    try {
      return await this.insist(name, request, accepts);
    } catch (error) {
      if (!accepts(error)) throw error;
      return undefined;
    }
  }

  /** undefined when there is no such run, or workflow. */
  describe(workflowId: string, runId = ''): Promise<Description | undefined> {
    const request = { namespace: NAMESPACE, execution: { workflowId, runId } };
    return this.ask('DescribeWorkflowExecution', request, isNotFound);
  }

  /** The current run; undefined when it was deleted. */
  async currentRun(workflowId: string): Promise<Execution | undefined> {
    const runId = (await this.describe(workflowId))?.workflowExecutionInfo?.execution?.runId;
    return runId === undefined ? undefined : { workflowId, runId };
  }
}

const hasCode =
  (...codes: readonly number[]) =>
  (error: unknown): boolean =>
    error instanceof ServiceError && codes.includes(error.code);

export const isNotFound = hasCode(GrpcCode.NOT_FOUND);
export const isInvalid = hasCode(GrpcCode.INVALID_ARGUMENT);
/** Gone or over, or not in a state to do this. */
export const isTooLate = hasCode(GrpcCode.NOT_FOUND, GrpcCode.FAILED_PRECONDITION);
export const isTaken = hasCode(GrpcCode.ALREADY_EXISTS);
export const never = (): boolean => false;
