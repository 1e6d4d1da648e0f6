import type { RpcRequest } from '@duramesh/frontend';
import { toPayloads } from '../payloads.ts';
import type { Life } from '../plan/life.ts';
import { startOptionsOf, type WorkflowPlan } from '../plan/workflow-plan.ts';
import { query } from './acts/query.ts';
import { signal } from './acts/signal.ts';
import { ACTS } from './acts/table.ts';
import { Caller, type ClientSurroundings, isNotFound, isTaken, isTooLate, NAMESPACE, never } from './caller.ts';
import { UpdateCaller } from './update-caller.ts';

type StartRequest = RpcRequest<'StartWorkflowExecution'>;
type UpdateRequest = RpcRequest<'UpdateWorkflowExecution'>;

const REJECT_DUPLICATE = 3;

/** A client as an SDK is one: every request carries an id and is repeated until it is answered. */
export class SimClient {
  readonly #caller: Caller;
  readonly #updates: UpdateCaller;

  constructor(world: ClientSurroundings) {
    this.#caller = new Caller(world);
    this.#updates = new UpdateCaller(this.#caller);
  }

  /** Lives one workflow through: starts it, signals it, does to it what else is to be done. Resolves when all was acknowledged. */
  async run(workflowId: string, plan: WorkflowPlan, life: Life): Promise<void> {
    const { clock, dice, ledger, ids } = this.#caller.world;
    await clock.sleep(dice.below(5_000));
    const start: StartRequest = {
      namespace: NAMESPACE,
      workflowId,
      workflowType: { name: 'plan' },
      taskQueue: { name: plan.taskQueue },
      input: toPayloads(plan),
      workflowTaskTimeout: { seconds: 5 },
      requestId: ids.uuid(),
      ...(plan.skipsTime && { timeSkippingConfig: { enabled: true } }),
      ...startOptionsOf(plan),
    };
    const updates = Array.from({ length: plan.updates }, () => this.#updates.request(workflowId, ids.uuid()));
    const runId = await this.#begin(start, life, plan.startsWithUpdate ? updates.shift() : undefined);
    if (runId !== undefined) ledger.starts.set(workflowId, runId);
    const signals = Array.from({ length: plan.signals - (life.startsWithSignal ? 1 : 0) }, async () => {
      await clock.sleep(dice.below(20_000));
      await signal(this.#caller, { workflowId, plan });
      if (life.asksBack) await query(this.#caller, { workflowId, plan });
    });
    const others = life.acts.map(async ({ name, afterMs }) => {
      await clock.sleep(afterMs);
      await ACTS[name](this.#caller, { workflowId, plan });
    });
    await Promise.all([...signals, ...updates.map((request) => this.#update(request)), ...others]);
  }

  /** @returns the run that was started; undefined when that cannot be told any more */
  #begin(start: StartRequest, life: Life, firstUpdate: UpdateRequest | undefined): Promise<string | undefined> {
    if (firstUpdate) return this.#startWithUpdate(start, firstUpdate);
    return life.startsWithSignal ? this.#startWithSignal(start) : this.#start(start);
  }

  async #start(request: StartRequest): Promise<string> {
    return (await this.#caller.insist('StartWorkflowExecution', request, never)).runId ?? '';
  }

  /** Repeated when the workflow is over, it would start it anew: that it must not. */
  async #startWithSignal(start: StartRequest): Promise<string | undefined> {
    const { ledger } = this.#caller.world;
    const { workflowId = '', requestId = '' } = start;
    const request = { ...start, signalName: 'go', workflowIdReusePolicy: REJECT_DUPLICATE };
    const answer = await this.#caller.ask('SignalWithStartWorkflowExecution', request, isTaken);
    if (!answer) return undefined;
    const runId = answer.runId ?? '';
    ledger.signals.set(requestId, { workflowId, runId });
    return runId;
  }

  async #startWithUpdate(startWorkflow: StartRequest, updateWorkflow: UpdateRequest): Promise<string | undefined> {
    const { clock, dice } = this.#caller.world;
    const request = { namespace: NAMESPACE, operations: [{ startWorkflow }, { updateWorkflow }] };
    for (;;) {
      try {
        const { responses } = await this.#caller.insist('ExecuteMultiOperation', request, isTooLate);
        const runId = responses?.[0]?.startWorkflow?.runId ?? '';
        await this.#updates.send({
          ...updateWorkflow,
          workflowExecution: { ...updateWorkflow.workflowExecution, runId },
        });
        return runId;
      } catch (error) {
        if (isNotFound(error)) return undefined;
        if (!isTooLate(error)) throw error;
      }
      await clock.sleep(dice.between(100, 1_000));
    }
  }

  async #update(request: UpdateRequest): Promise<void> {
    const { clock, dice } = this.#caller.world;
    await clock.sleep(dice.below(20_000));
    await this.#updates.send(request);
  }
}
