import type { Client, MatchingContract } from '@duramesh/contracts';
import {
  type ForwardTaskReply,
  OfferOutcome,
  type PollTaskReply,
  type PollTaskRequest,
  type TaskQueuePartition,
} from '@duramesh/proto';
import type { Clock, Logger } from '@duramesh/runtime';
import { LEVELS, type WaitingTask } from './waiting-task.ts';

/** Tasks of each priority that look for a poller at the root at once. */
const TASKS_PER_LEVEL = 4;
/** Polls that wait at the root; the others wait here until one of these is answered. */
const POLLS = 4;
/** How long a stored task may look for a poller before it asks again. */
const STORED_WAIT_MS = 10_000;
/** What an answer may take beyond the wait. */
const GRACE_MS = 2_000;
const RETRY_MS = 1_000;

const RETURNED = OfferOutcome.OFFER_OUTCOME_RETURNED;

export interface ForwarderDeps {
  readonly matching: Client<MatchingContract>;
  readonly root: TaskQueuePartition;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long an unstored task may be on its way. */
  readonly holdMs: number;
  /** Somebody took the task, or nobody needs it. */
  readonly onOver: (task: WaitingTask, outcome: number) => void;
  /** Nobody took it. */
  readonly onBack: (task: WaitingTask) => void;
  /** There is room for another poll. */
  readonly onPollRoom: () => void;
}

/**
 * The way from a child partition to the root, where its tasks meet the pollers of other partitions and its polls their
 * tasks. A task that is forwarded stays this partition's: the root stores nothing, and says what became of it. A poll
 * that is forwarded is the root's until it is answered. @see spec-matching 2.9
 */
export class Forwarder {
  readonly #deps: ForwarderDeps;
  readonly #away = new Set<WaitingTask>();
  readonly #awayOfLevel = new Uint32Array(LEVELS + 1);
  readonly #polls = new Set<string>();
  /** The root said that no worker polls; it will tell when one does. */
  #isUnattended = false;

  constructor(deps: ForwarderDeps) {
    this.#deps = deps;
  }

  get tasksAway(): number {
    return this.#away.size;
  }

  get pollsAway(): number {
    return this.#polls.size;
  }

  mayTake(level: number): boolean {
    return !this.#isUnattended && (this.#awayOfLevel[level] ?? 0) < TASKS_PER_LEVEL;
  }

  get mayTakePoll(): boolean {
    return this.#polls.size < POLLS;
  }

  /** A worker polls somewhere. */
  attend(): void {
    this.#isUnattended = false;
  }

  send(task: WaitingTask): void {
    this.#away.add(task);
    this.#awayOfLevel[task.level] = (this.#awayOfLevel[task.level] ?? 0) + 1;
    void this.#send(task);
  }

  /** What the root has for a poll; undefined when it could not be asked. */
  async poll(request: PollTaskRequest, waitMs: number): Promise<PollTaskReply | undefined> {
    const { matching, root, clock, logger } = this.#deps;
    const { pollerId } = request;
    this.#polls.add(pollerId);
    try {
      const forwarded = { ...request, queue: root, waitMs, forwarded: true };
      return await matching.pollTask(forwarded, { timeoutMs: waitMs + GRACE_MS });
    } catch (error) {
      logger.debug({ error, queue: root.name }, 'a poll could not be forwarded');
      await clock.sleep(Math.min(RETRY_MS, waitMs));
      return undefined;
    } finally {
      this.#polls.delete(pollerId);
      this.#deps.onPollRoom();
    }
  }

  cancelPoll(pollerId: string): void {
    const { matching, root } = this.#deps;
    if (!this.#polls.has(pollerId)) return;
    void matching.cancelPoll({ queue: root, pollerId }).catch(() => undefined);
  }

  /** Forgets the tasks that are away: what becomes of them is not heard any more. */
  close(): readonly WaitingTask[] {
    const tasks = [...this.#away];
    this.#away.clear();
    return tasks;
  }

  async #send(task: WaitingTask): Promise<void> {
    const reply = await this.#ask(task);
    this.#awayOfLevel[task.level] = (this.#awayOfLevel[task.level] ?? 1) - 1;
    if (!this.#away.delete(task)) return;
    if (reply.unattended) this.#isUnattended = true;
    if (reply.outcome === RETURNED) this.#deps.onBack(task);
    else this.#deps.onOver(task, reply.outcome);
  }

  async #ask(task: WaitingTask): Promise<ForwardTaskReply> {
    const { matching, root, clock, logger, holdMs } = this.#deps;
    const waitMs = task.row === 'stored' ? STORED_WAIT_MS : holdMs;
    try {
      return await matching.forwardTask({ queue: root, task: task.ref, waitMs }, { timeoutMs: waitMs + GRACE_MS });
    } catch (error) {
      logger.debug({ error, queue: root.name }, 'a task could not be forwarded');
      await clock.sleep(RETRY_MS);
      return { outcome: RETURNED, unattended: false };
    }
  }
}
