import { ServiceError } from '@duramesh/contracts';
import { fromTimestamp } from '@duramesh/engine';
import { ActivityTaskToken, type Plain, type temporal } from '@duramesh/proto';
import { toPayloads } from '../payloads.ts';
import { ACTIVITY_TYPES } from '../plan/workflow-plan.ts';
import { ConnectionLost } from '../process.ts';
import { type Call, callOf, NAMESPACE, NORMAL, POLL_MS, vanishes, type WorkerSurroundings } from './worker-caller.ts';

type ActivityTask = Plain<temporal.api.workflowservice.v1.IPollActivityTaskQueueResponse>;

const HEARTBEATS = 4;
const tokenOf = ({ taskToken }: ActivityTask): ActivityTaskToken =>
  ActivityTaskToken.decode(taskToken ?? new Uint8Array());

/** Runs activities as an SDK would, one at a time. */
export class ActivityWorker {
  readonly #world: WorkerSurroundings;
  readonly #identity: string;
  readonly #call: Call;

  constructor(identity: string, world: WorkerSurroundings) {
    this.#world = world;
    this.#identity = identity;
    this.#call = callOf(world);
  }

  async poll(): Promise<void> {
    const { dice, taskQueue: name, manners } = this.#world;
    const request = { namespace: NAMESPACE, taskQueue: { name, kind: NORMAL }, identity: this.#identity };
    const task = await this.#call('PollActivityTaskQueue', request, POLL_MS);
    if (!task.taskToken?.length) return;
    this.#check(task);
    if (vanishes(this.#world)) return;
    if (dice.happens(manners.handOn)) {
      // Somebody else answers it, while this worker goes on with the next.
      void this.#perform(task, 8_000).catch((error: unknown) => this.#failed(error));
      return;
    }
    await this.#perform(task, 1_500);
  }

  #failed(error: unknown): void {
    if (error instanceof ServiceError || error instanceof ConnectionLost) return;
    this.#world.ledger.violation(`who answers for a worker was thrown ${String(error)}`);
  }

  /** It must not have begun while it was paused, and is retried as an operator has said last. */
  #check(task: ActivityTask): void {
    const { ledger } = this.#world;
    const { activityId = '', retryPolicy } = task;
    const runId = task.workflowExecution?.runId ?? '';
    const startedMs = fromTimestamp(task.startedTime);
    ledger.checkNotHeld({ runId, activityId }, startedMs);
    const changed = ledger.changedIntervals.get(`${runId}/${activityId}`);
    const seconds = Number(retryPolicy?.maximumInterval?.seconds ?? 0);
    if (!changed || startedMs <= changed.fromMs || seconds === changed.seconds) return;
    ledger.violation(`run ${runId}: ${activityId} has intervals up to ${seconds} s, not ${changed.seconds} s`);
  }

  async #perform(task: ActivityTask, limitMs: number): Promise<void> {
    const { clock, dice } = this.#world;
    await clock.sleep(dice.below(limitMs));
    if (task.activityType?.name === ACTIVITY_TYPES.dropped && (await this.#isCanceled(task))) return this.#cancel(task);
    if (dice.happens(0.2)) await this.#heartbeat(task);
    const isBrittle = task.activityType?.name === ACTIVITY_TYPES.brittle;
    if (dice.happens(isBrittle ? 0.5 : 0.15)) return this.#fail(task, isBrittle && dice.happens(0.3));
    await this.#complete(task);
  }

  /** Goes on for a while to see whether it is told to stop. */
  async #isCanceled(task: ActivityTask): Promise<boolean> {
    const { clock, dice } = this.#world;
    for (let i = 0; i < HEARTBEATS; i++) {
      if (await this.#heartbeat(task)) return true;
      await clock.sleep(dice.below(1_000));
    }
    return false;
  }

  /** How a call is made: by the token, or by the ids. */
  #isById(): boolean {
    return this.#world.dice.happens(this.#world.manners.byId);
  }

  #byToken({ taskToken }: ActivityTask): { namespace: string; taskToken: Uint8Array; identity: string } {
    return { namespace: NAMESPACE, taskToken: taskToken ?? new Uint8Array(), identity: this.#identity };
  }

  #byId(task: ActivityTask): {
    namespace: string;
    workflowId: string;
    runId: string;
    activityId: string;
    identity: string;
  } {
    const { workflowId, runId } = tokenOf(task);
    return { namespace: NAMESPACE, workflowId, runId, activityId: task.activityId ?? '', identity: this.#identity };
  }

  /** @returns whether the activity is to be canceled */
  async #heartbeat(task: ActivityTask): Promise<boolean> {
    const details = toPayloads('alive');
    const { cancelRequested } = await (this.#isById()
      ? this.#call('RecordActivityTaskHeartbeatById', { ...this.#byId(task), details })
      : this.#call('RecordActivityTaskHeartbeat', { ...this.#byToken(task), details }));
    return cancelRequested ?? false;
  }

  async #cancel(task: ActivityTask): Promise<void> {
    await (this.#isById()
      ? this.#call('RespondActivityTaskCanceledById', this.#byId(task))
      : this.#call('RespondActivityTaskCanceled', this.#byToken(task)));
  }

  async #fail(task: ActivityTask, nonRetryable: boolean): Promise<void> {
    const failure = { message: 'not this time', applicationFailureInfo: { type: 'Chance', nonRetryable } };
    await (this.#isById()
      ? this.#call('RespondActivityTaskFailedById', { ...this.#byId(task), failure })
      : this.#call('RespondActivityTaskFailed', { ...this.#byToken(task), failure }));
  }

  async #complete(task: ActivityTask): Promise<void> {
    const result = toPayloads('ok');
    const { runId, scheduledEventId, attempt } = tokenOf(task);
    const { activityCompletions } = this.#world.ledger;
    if (this.#isById()) {
      await this.#call('RespondActivityTaskCompletedById', { ...this.#byId(task), result });
      // Whichever attempt is the last one by now.
      activityCompletions.push({ runId, scheduledEventId, attempt: undefined });
    } else {
      await this.#call('RespondActivityTaskCompleted', { ...this.#byToken(task), result });
      activityCompletions.push({ runId, scheduledEventId, attempt });
    }
  }
}
