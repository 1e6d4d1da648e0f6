import { GrpcCode, ServiceError } from '@duramesh/contracts';
import type { RpcName, RpcRequest, RpcResponse } from '@duramesh/frontend';
import type { Clock } from '@duramesh/runtime';
import type { Dice } from './dice.ts';
import type { Ledger } from './ledger.ts';
import { UPDATE_NAMES } from './update-script.ts';

type UpdateResponse = RpcResponse<'UpdateWorkflowExecution'>;

const NAMESPACE = 'default';
const STAGE = { accepted: 2, completed: 3 } as const;
const PATIENCE_MS = 900_000;

/** Repeats a request until it is answered; what it is refused with must be accepted. */
export type Insist = <N extends RpcName>(
  name: N,
  request: RpcRequest<N>,
  accepts: (error: unknown) => boolean,
) => Promise<RpcResponse<N>>;

export interface CallerSurroundings {
  readonly clock: Clock;
  readonly dice: Dice;
  readonly ledger: Ledger;
}

/** Sends updates as an SDK does: with an id, again until they have come as far as is asked for, or by polling for them. */
export class UpdateCaller {
  readonly #world: CallerSurroundings;
  readonly #insist: Insist;

  constructor(world: CallerSurroundings, insist: Insist) {
    this.#world = world;
    this.#insist = insist;
  }

  request(workflowId: string, updateId: string): RpcRequest<'UpdateWorkflowExecution'> {
    const { dice } = this.#world;
    const name = dice.pick(Object.values(UPDATE_NAMES));
    const isComplete = name === UPDATE_NAMES.complete && dice.happens(0.7);
    return {
      namespace: NAMESPACE,
      workflowExecution: { workflowId },
      waitPolicy: { lifecycleStage: isComplete ? STAGE.completed : STAGE.accepted },
      request: { meta: { updateId }, input: { name } },
    };
  }

  /** Resolves when the update was answered, or its workflow has closed. */
  async send(request: RpcRequest<'UpdateWorkflowExecution'>): Promise<void> {
    const { clock, dice } = this.#world;
    const untilMs = clock.now() + PATIENCE_MS;
    const stage = request.waitPolicy?.lifecycleStage ?? STAGE.completed;
    let known: UpdateResponse | undefined;
    while (clock.now() < untilMs) {
      try {
        known = known?.updateRef && dice.happens(0.5) ? await this.#poll(known, stage) : await this.#update(request);
        if ((known.stage ?? 0) >= stage) return this.heard(known);
      } catch (error) {
        if (isNotFound(error) && known === undefined) return;
        // It was lost with the memory it was in, or its run has closed: sending it again tells.
        known = undefined;
      }
      await clock.sleep(dice.between(100, 1_000));
    }
  }

  #update(request: RpcRequest<'UpdateWorkflowExecution'>): Promise<UpdateResponse> {
    return this.#insist('UpdateWorkflowExecution', request, isExpected);
  }

  async #poll({ updateRef }: UpdateResponse, stage: number): Promise<UpdateResponse> {
    const request = { namespace: NAMESPACE, updateRef, waitPolicy: { lifecycleStage: stage } };
    return { updateRef, ...(await this.#insist('PollWorkflowExecutionUpdate', request, isExpected)) };
  }

  /** What was acknowledged is a promise from now on. */
  heard({ updateRef, stage = 0, outcome }: UpdateResponse): void {
    const { ledger } = this.#world;
    const updateId = updateRef?.updateId ?? '';
    if (outcome?.failure?.message === 'rejected') {
      ledger.rejectedUpdates.add(updateId);
      return;
    }
    // A run that was reset tells of an update by an event, where the simulated workflow code does not look.
    if (outcome?.failure?.applicationFailureInfo?.type === 'UnprocessedUpdate') return;
    const isCompleted = stage === STAGE.completed && outcome?.success !== undefined;
    ledger.updates.set(updateId, { runId: updateRef?.workflowExecution?.runId ?? '', isCompleted });
  }
}

const isNotFound = (error: unknown): boolean => error instanceof ServiceError && error.code === GrpcCode.NOT_FOUND;
/** The workflow has closed, or its workflow task keeps failing for now. */
export const isExpected = (error: unknown): boolean =>
  isNotFound(error) || (error instanceof ServiceError && error.code === GrpcCode.FAILED_PRECONDITION);
