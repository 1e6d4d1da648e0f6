import type { RpcRequest, RpcResponse } from '@duramesh/frontend';
import { UPDATE_NAMES } from '../script/update-answers.ts';
import { type Caller, isNotFound, isTooLate, NAMESPACE, PATIENCE_MS } from './caller.ts';

type UpdateResponse = RpcResponse<'UpdateWorkflowExecution'>;

const STAGE = { accepted: 2, completed: 3 } as const;

/** Sends updates as an SDK does: with an id, again until they have come as far as is asked for, or by polling for them. */
export class UpdateCaller {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  request(workflowId: string, updateId: string): RpcRequest<'UpdateWorkflowExecution'> {
    const { dice } = this.#caller.world;
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
    const { clock, dice } = this.#caller.world;
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
    return this.#caller.insist('UpdateWorkflowExecution', request, isTooLate);
  }

  async #poll({ updateRef }: UpdateResponse, stage: number): Promise<UpdateResponse> {
    const request = { namespace: NAMESPACE, updateRef, waitPolicy: { lifecycleStage: stage } };
    return { updateRef, ...(await this.#caller.insist('PollWorkflowExecutionUpdate', request, isTooLate)) };
  }

  /** What was acknowledged is a promise from now on. */
  heard({ updateRef, stage = 0, outcome }: UpdateResponse): void {
    const { ledger } = this.#caller.world;
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
