import { GrpcCode, ServiceError } from '@duramesh/contracts';
import { EVENT_TYPES, type HistoryEvent } from '@duramesh/engine';
import type { RpcName, RpcRequest, RpcResponse } from '@duramesh/frontend';
import type { Clock, Ids } from '@duramesh/runtime';
import type { Dice } from './dice.ts';
import type { Ledger } from './ledger.ts';
import { ConnectionLost, type SimProcess } from './process.ts';
import { toPayloads, type WorkflowPlan } from './script.ts';
import { isExpected, UpdateCaller } from './update-caller.ts';

const NAMESPACE = 'default';
const CALL_MS = 8_000;
const PATIENCE_MS = 900_000;
/** What an SDK's client asks again for. */
const RETRYABLE: ReadonlySet<number> = new Set([
  GrpcCode.UNAVAILABLE,
  GrpcCode.RESOURCE_EXHAUSTED,
  GrpcCode.ABORTED,
  GrpcCode.DEADLINE_EXCEEDED,
  GrpcCode.CANCELLED,
]);

const TASK_ENDS: ReadonlySet<number> = new Set([
  EVENT_TYPES.WorkflowTaskCompleted,
  EVENT_TYPES.WorkflowTaskFailed,
  EVENT_TYPES.WorkflowTaskTimedOut,
]);
/** One that no worker took may have been told of as a whole, in one batch: nobody can go back between its events. */
const endsTask = ({ eventType = 0, workflowTaskTimedOutEventAttributes: timedOut }: HistoryEvent): boolean =>
  TASK_ENDS.has(eventType) && timedOut?.startedEventId !== 0;

/** What happens to a workflow beside its signals. */
export interface LifeOptions {
  readonly cancelAfterMs?: number;
  readonly resetAfterMs?: number;
}

export interface ClientSurroundings {
  readonly clock: Clock;
  readonly dice: Dice;
  readonly ids: Ids;
  readonly ledger: Ledger;
  readonly frontends: readonly SimProcess[];
}

/** A client as an SDK is one: every request carries an id and is repeated until it is answered. */
export class SimClient {
  readonly #world: ClientSurroundings;
  readonly #updates: UpdateCaller;

  constructor(world: ClientSurroundings) {
    this.#world = world;
    this.#updates = new UpdateCaller(world, (name, request, accepts) => this.#insist(name, request, accepts));
  }

  /** Lives one workflow through: starts it, signals it, perhaps cancels or resets it. Resolves when all was acknowledged. */
  async run(workflowId: string, plan: WorkflowPlan, options: LifeOptions): Promise<void> {
    const { clock, dice, ledger, ids } = this.#world;
    await clock.sleep(dice.below(5_000));
    const taskQueue = { name: plan.taskQueue };
    const start = {
      namespace: NAMESPACE,
      workflowId,
      workflowType: { name: 'plan' },
      taskQueue,
      input: toPayloads(plan),
      workflowTaskTimeout: { seconds: 5 },
      requestId: ids.uuid(),
      ...(plan.skipsTime && { timeSkippingConfig: { enabled: true } }),
    };
    const updates = Array.from({ length: plan.updates }, () => this.#updates.request(workflowId, ids.uuid()));
    const first = plan.startsWithUpdate ? updates.shift() : undefined;
    const runId = first ? await this.#startWithUpdate(start, first) : await this.#start(start);
    if (runId !== undefined) ledger.starts.set(workflowId, runId);
    const signals = Array.from({ length: plan.signals }, () => this.#signal(workflowId));
    signals.push(...updates.map((request) => this.#update(request)));
    if (options.cancelAfterMs !== undefined) signals.push(this.#cancel(workflowId, options.cancelAfterMs));
    if (options.resetAfterMs !== undefined) signals.push(this.#reset(workflowId, plan, options.resetAfterMs));
    await Promise.all(signals);
  }

  async #start(request: RpcRequest<'StartWorkflowExecution'>): Promise<string> {
    return (await this.#insist('StartWorkflowExecution', request, () => false)).runId ?? '';
  }

  async #startWithUpdate(
    startWorkflow: RpcRequest<'StartWorkflowExecution'>,
    updateWorkflow: RpcRequest<'UpdateWorkflowExecution'>,
  ): Promise<string | undefined> {
    const { clock, dice } = this.#world;
    const request = { namespace: NAMESPACE, operations: [{ startWorkflow }, { updateWorkflow }] };
    for (;;) {
      try {
        const { responses } = await this.#insist('ExecuteMultiOperation', request, isExpected);
        const runId = responses?.[0]?.startWorkflow?.runId ?? '';
        await this.#updates.send({
          ...updateWorkflow,
          workflowExecution: { ...updateWorkflow.workflowExecution, runId },
        });
        return runId;
      } catch (error) {
        if (isClosed(error)) return undefined;
        if (!isExpected(error)) throw error;
      }
      await clock.sleep(dice.between(100, 1_000));
    }
  }

  async #update(request: RpcRequest<'UpdateWorkflowExecution'>): Promise<void> {
    const { clock, dice } = this.#world;
    await clock.sleep(dice.below(20_000));
    await this.#updates.send(request);
  }

  async #signal(workflowId: string): Promise<void> {
    const { clock, dice, ledger, ids } = this.#world;
    await clock.sleep(dice.below(20_000));
    const requestId = ids.uuid();
    const workflowExecution = { workflowId };
    const request = { namespace: NAMESPACE, workflowExecution, signalName: 'go', requestId };
    try {
      await this.#insist('SignalWorkflowExecution', request, isClosed);
      ledger.signals.set(requestId, workflowId);
    } catch (error) {
      if (!isClosed(error)) throw error;
    }
  }

  async #cancel(workflowId: string, afterMs: number): Promise<void> {
    const { clock, ids, ledger } = this.#world;
    await clock.sleep(afterMs);
    const workflowExecution = { workflowId };
    const request = { namespace: NAMESPACE, workflowExecution, requestId: ids.uuid() };
    await this.#insist('RequestCancelWorkflowExecution', request, isClosed);
    ledger.cancels.add(workflowId);
  }

  /** Resets the current run, by its id or without, to one of its workflow tasks. */
  async #reset(workflowId: string, plan: WorkflowPlan, afterMs: number): Promise<void> {
    const { clock, dice, ids, ledger } = this.#world;
    await clock.sleep(afterMs);
    const current = { namespace: NAMESPACE, execution: { workflowId } };
    const { workflowExecutionInfo } = await this.#insist('DescribeWorkflowExecution', current, () => false);
    const execution = { workflowId, runId: workflowExecutionInfo?.execution?.runId };
    const read = { namespace: NAMESPACE, execution };
    const { history } = await this.#insist('GetWorkflowExecutionHistory', read, () => false);
    const ends = (history?.events ?? []).filter(endsTask);
    if (ends.length === 0) return;
    const requestId = ids.uuid();
    const isNamed = dice.happens(0.7);
    const request = {
      namespace: NAMESPACE,
      workflowExecution: isNamed ? execution : { workflowId },
      workflowTaskFinishEventId: dice.pick(ends).eventId,
      requestId,
      reason: 'again',
    };
    // Without its id another run may be current by now, with another history.
    const accepts = (error: unknown): boolean => !isNamed && isInvalid(error);
    try {
      const { runId = '' } = await this.#insist('ResetWorkflowExecution', request, accepts);
      ledger.resets.set(requestId, runId);
    } catch (error) {
      if (!accepts(error)) throw error;
    }
    // Those it waits for may have found the base closed.
    await Promise.all(Array.from({ length: plan.signals }, () => this.#signal(workflowId)));
  }

  /** Repeats a request until it is answered. A refusal that the world does not `accept` is a broken promise. */
  async #insist<N extends RpcName>(
    name: N,
    request: RpcRequest<N>,
    accepts: (error: unknown) => boolean,
  ): Promise<RpcResponse<N>> {
    const { clock, dice, frontends, ledger } = this.#world;
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
}

const isClosed = (error: unknown): boolean => error instanceof ServiceError && error.code === GrpcCode.NOT_FOUND;
const isInvalid = (error: unknown): boolean =>
  error instanceof ServiceError && error.code === GrpcCode.INVALID_ARGUMENT;
