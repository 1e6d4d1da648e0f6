import { type Plain, publicCodec, RunState, type temporal } from '@duramesh/proto';
import { assert } from '@duramesh/runtime';
import { checkRun } from './check-run.ts';
import type { CommandName, CommandOf, HeldWorkflowTask, Parentage } from './commands.ts';
import { comparable } from './comparable.ts';
import type { HistoryEvent } from './events.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { workflowRules } from './operator-steps.fixture.ts';
import { outstandingTasks } from './outstanding.ts';
import { rebuild } from './rebuild.ts';
import { resetAt } from './reset-step.fixture.ts';
import { absorb, emptyState, type ExecutionState } from './state.ts';
import { decodeState, encodeDiff } from './stored.ts';
import { type TaskDraft, taskName } from './tasks.ts';
import { type MemoryChange, type RunChange, transition } from './transition.ts';
import { nextWakeMs } from './wake.ts';

type TimeSkippingConfig = Plain<temporal.api.common.v1.ITimeSkippingConfig>;
const historyCodec = publicCodec<{ readonly events?: readonly HistoryEvent[] }>('temporal.api.history.v1.History');

function assertSame(found: unknown, wanted: unknown, why: string): void {
  const [is, should] = [found, wanted].map((value) => JSON.stringify(value, undefined, 1));
  assert(is === should, `${why}\nfound ${is}\nwanted ${should}`);
}

const id = (n: number): string => `00000000-0000-4000-8000-${n.toString().padStart(12, '0')}`;

/** Drives one run and compares it with every law after each step. */
export class Subject {
  state: ExecutionState = emptyState('ns', 'wf', id(0));
  now = 1_000_000;
  wakeAtMs = 0;
  readonly events: HistoryEvent[] = [];
  /** The last events of its batches. */
  readonly ends: number[] = [];
  readonly #rows = new Map<string, { kind: number; key: string; data: Uint8Array }>();
  #info: Uint8Array = new Uint8Array();
  #ids = 0;

  constructor(timeSkippingConfig?: TimeSkippingConfig, parentage?: Parentage) {
    const request = {
      timeSkippingConfig,
      workflowId: 'wf',
      workflowType: { name: 'type' },
      taskQueue: { name: 'tq' },
      workflowTaskTimeout: { seconds: 10 },
      workflowRunTimeout: { seconds: 600 },
    };
    this.ask('StartWorkflow', {
      namespaceId: 'ns',
      namespace: 'n',
      request,
      requestId: 'start',
      eager: false,
      parentage,
    });
  }

  get isOpen(): boolean {
    return this.state.info.state !== RunState.RUN_STATE_COMPLETED;
  }

  ask<N extends CommandName>(name: N, command: CommandOf<N>): void {
    this.#ids += 1;
    const environment = { now: this.now, limits: DEFAULT_LIMITS, newRunId: id(this.#ids), chance: 0.5, workflowRules };
    let outcome = transition(this.state, { name, command }, environment);
    if (outcome.kind === 'needsStartedEvent') {
      const [startedEvent = {}] = this.events;
      outcome = transition(this.state, { name, command }, { ...environment, startedEvent });
    }
    assert(outcome.kind !== 'needsStartedEvent', 'the started event is asked for once');
    if (outcome.kind === 'committed') this.#commit(outcome.change);
    else if ('change' in outcome && outcome.change) this.#remember(outcome.change);
  }

  /** Nothing is written. */
  #remember(change: MemoryChange): void {
    this.state = absorb(this.state, change.diff);
    this.wakeAtMs = nextWakeMs(this.state);
    this.#checkLaws(change.tasks);
  }

  /** The owner is lost, and what was in its memory only. */
  lose(): void {
    this.state = decodeState(this.#info, [...this.#rows.values()]);
    this.wakeAtMs = nextWakeMs(this.state);
  }

  #commit(change: RunChange): void {
    const { info, upserts, deletes } = encodeDiff(change.diff);
    this.#info = info;
    for (const row of deletes) this.#rows.delete(`${row.kind}/${row.key}`);
    for (const row of upserts) this.#rows.set(`${row.kind}/${row.key}`, row);
    this.state = absorb(this.state, change.diff);
    for (const { data } of change.batches) this.events.push(...(historyCodec.decode(data).events ?? []));
    this.ends.push(...change.batches.map(({ lastEventId }) => lastEventId));
    this.wakeAtMs = nextWakeMs(this.state);
    this.#checkLaws(change.tasks);
    const stored = decodeState(this.#info, [...this.#rows.values()]);
    assert(change.wakeAtMs === nextWakeMs(stored), 'the row says when the run wants to be woken');
    assert(change.outstanding === outstandingTasks(stored).length > 0, 'the row says whether work is left');
  }

  /** The run is left, and another one goes on from a point in its history. */
  reset(which: number): void {
    const newRunId = id(this.#ids + 1);
    const command = { newRunId, requestId: `reset-${newRunId}`, reason: 'r', isBase: true };
    this.ask('LeaveToReset', command);
    const environment = { now: this.now, limits: DEFAULT_LIMITS, newRunId, chance: 0.5 };
    const reset = resetAt(this, which, environment);
    if (!reset) return;
    this.state = reset.change.base;
    this.events.splice(reset.point);
    this.ends.splice(this.ends.indexOf(reset.point) + 1);
    this.#rows.clear();
    this.#commit(reset.change);
  }

  #checkLaws(tasks: readonly TaskDraft[]): void {
    assertSame(checkRun(this.state, this.events), [], 'the invariants of a run hold');
    const rebuilt = rebuild(
      { namespaceId: 'ns', workflowId: 'wf', runId: this.state.info.runId },
      this.events,
      this.state.buffered.values(),
    );
    assertSame(comparable(rebuilt), comparable(this.state), 'the state is what its history says');
    const stored = decodeState(this.#info, [...this.#rows.values()]);
    assertSame(comparable(stored), comparable(this.state), 'what is stored is what is in memory');
    const left = outstandingTasks(this.state).map(taskName);
    for (const task of tasks) {
      assert(left.includes(taskName(task)) || !this.#waits(task), `a new owner would not find ${taskName(task)}`);
    }
  }

  /** A task may have been overtaken in its own transition, e.g. by a start that came with it. */
  #waits(task: TaskDraft): boolean {
    const { info, activities } = this.state;
    if (task.type === 'DispatchWorkflowTask') return info.workflowTask?.scheduledEventId === task.scheduledEventId;
    if (task.type === 'DispatchActivityTask') return activities.get(task.scheduledEventId)?.startedMs === 0;
    // A run that asks its parent asks again of itself.
    return task.type !== 'AskParent';
  }

  /** Time passes; whatever is due on the way happens at its own moment, and never without end. */
  pass(ms: number): void {
    const until = this.now + ms;
    for (let wakes = 0; this.isOpen && this.wakeAtMs > 0 && this.wakeAtMs <= until; wakes++) {
      assert(wakes < 200, 'being woken makes progress');
      this.now = Math.max(this.now, this.wakeAtMs);
      const before = this.wakeAtMs;
      const transitions = this.state.info.stateTransitionCount;
      this.ask('WakeUp', {});
      const moved = this.wakeAtMs !== before || this.state.info.stateTransitionCount > transitions;
      assert(moved, 'a wake at its time is not in vain');
    }
    this.now = until;
  }

  held(): HeldWorkflowTask {
    const task = this.state.info.workflowTask;
    const { scheduledEventId = 0, startedEventId = 0, startedMs = 0, attempt = 0, stamp = 0 } = task ?? {};
    return { scheduledEventId, startedEventId, startedMs, attempt, stamp };
  }
}
