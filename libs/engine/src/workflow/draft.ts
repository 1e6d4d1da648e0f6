import { assert, must } from '@duramesh/runtime';
import {
  type ActivityInfo,
  type CallbackInfo,
  type ChildInfo,
  type ExecutionInfo,
  type ExternalRequestInfo,
  publicCodec,
  type RequestIdRecord,
  RunState,
  type TimerInfo,
  type UpdateInfo,
} from '@duramesh/proto';
import {
  type Attributes,
  type BufferedName,
  endsSomething,
  type EventEnvelope,
  eventName,
  type HistoryEvent,
  type ImmediateName,
  makeEvent,
} from './events.ts';
import type { CommandOf } from './commands.ts';
import { evolve, numbered } from './evolve.ts';
import type { Environment } from './environment.ts';
import { Overlay } from './overlay.ts';
import type { ExecutionDiff, ExecutionState } from './state.ts';
import { summaryOf } from './summary.ts';
import type { TaskDraft } from './tasks.ts';
import { skippedMs } from './time-skipping.ts';
import type { UpdateNews, WaitingUpdate } from './updates.ts';
import { wireFlushed } from './wiring.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** An encoded History: batches are joined by appending their bytes. */
const historyCodec = publicCodec<{ readonly events: readonly HistoryEvent[] }>('temporal.api.history.v1.History');

export interface EncodedBatch {
  readonly firstEventId: number;
  readonly lastEventId: number;
  readonly data: Uint8Array;
}

/** One transition being written over a state it never touches. Drop it and nothing happened. */
export class Draft {
  readonly environment: Environment;
  /** By the clock of the run. */
  readonly now: number;
  readonly info: Writable<ExecutionInfo>;
  readonly activities: Overlay<number, ActivityInfo>;
  readonly timers: Overlay<string, TimerInfo>;
  readonly requestIds: Overlay<string, RequestIdRecord>;
  readonly callbacks: Overlay<number, CallbackInfo>;
  readonly buffered: Overlay<number, HistoryEvent>;
  readonly updates: Overlay<string, UpdateInfo>;
  readonly waitingUpdates: Overlay<string, WaitingUpdate>;
  readonly children: Overlay<number, ChildInfo>;
  readonly externalCancels: Overlay<number, ExternalRequestInfo>;
  readonly externalSignals: Overlay<number, ExternalRequestInfo>;
  readonly base: ExecutionState;
  /** Immediate work that follows from this transition once it is durable. */
  readonly tasks: TaskDraft[] = [];
  /** The run that follows this one, set by whatever closes it with a successor. */
  continuation: Pick<CommandOf<'ContinueWorkflow'>, 'started' | 'requestId' | 'links' | 'resets'> | undefined;
  /** Whether lists and counts would show a difference. */
  visibilityChanged = false;
  /** What those who wait for updates are told once this transition is durable: the last word on each. */
  readonly #updateNews = new Map<string, UpdateNews>();
  readonly #batches: HistoryEvent[][] = [[]];

  constructor(state: ExecutionState, environment: Environment) {
    this.base = state;
    this.environment = environment;
    this.now = Math.max(Math.floor(environment.now) + skippedMs(state.info), state.info.lastUpdateMs);
    this.info = { ...state.info };
    this.activities = new Overlay(state.activities);
    this.timers = new Overlay(state.timers);
    this.requestIds = new Overlay(state.requestIds);
    this.callbacks = new Overlay(state.callbacks);
    this.buffered = new Overlay(state.buffered);
    this.updates = new Overlay(state.updates);
    this.waitingUpdates = new Overlay(state.waitingUpdates);
    this.children = new Overlay(state.children);
    this.externalCancels = new Overlay(state.externalCancels);
    this.externalSignals = new Overlay(state.externalSignals);
  }

  get isOpen(): boolean {
    return this.info.state === RunState.RUN_STATE_CREATED || this.info.state === RunState.RUN_STATE_RUNNING;
  }

  /** A worker is looking at the history: nothing may be written between its start and its end. */
  get workflowTaskStarted(): boolean {
    return (this.info.workflowTask?.startedEventId ?? 0) > 0;
  }

  /** Appends an event with the next id. `eventTimeMs` is now unless the event is written late. */
  emit<N extends ImmediateName>(
    name: N,
    attributes: Attributes<N>,
    envelope: EventEnvelope & { readonly eventTimeMs?: number } = {},
  ): HistoryEvent {
    const event = makeEvent(name, attributes, { eventTimeMs: this.now, ...envelope });
    const appended = this.#append(event);
    evolve(this, appended);
    numbered(this, appended);
    return appended;
  }

  /**
   * Adds an event that may have to wait for its id. What it means for the run holds from now on;
   * only its place in history is open. @see spec-history 0.3
   */
  buffer<N extends BufferedName>(
    name: N,
    attributes: Attributes<N>,
    envelope: EventEnvelope & { readonly eventTimeMs?: number } = {},
  ): void {
    const event = makeEvent(name, attributes, { eventTimeMs: this.now, ...envelope });
    this.buffered.set(this.info.nextBufferedKey, event);
    this.info.nextBufferedKey += 1;
    evolve(this, event);
  }

  /** Takes over an event that is in history already, with its id. */
  replay(event: HistoryEvent): void {
    this.#batches.at(-1)?.push(event);
    this.info.nextEventId = (event.eventId ?? 0) + 1;
    evolve(this, event);
    numbered(this, event);
  }

  /** Takes over an event that waits for its id already. */
  replayBuffered(event: HistoryEvent): void {
    this.buffered.set(this.info.nextBufferedKey, event);
    this.info.nextBufferedKey += 1;
    evolve(this, event);
  }

  get hasBuffered(): boolean {
    return this.buffered.size > 0;
  }

  /** Gives waiting events their ids: in order of arrival, those that end something last. */
  flushBuffer(): void {
    if (!this.hasBuffered) return;
    const first: HistoryEvent[] = [];
    const last: HistoryEvent[] = [];
    for (const [key, event] of this.#bufferedEntries()) {
      this.buffered.delete(key);
      const name = must(eventName(event.eventType), `buffered event of unknown type ${event.eventType}`);
      (endsSomething(name) ? last : first).push(event);
    }
    const wire = wireFlushed();
    for (const event of [...first, ...last]) {
      const appended = this.#append(event, wire);
      numbered(this, appended);
    }
  }

  /** The first waiting event that passes the test. */
  findBuffered(test: (event: HistoryEvent) => boolean): HistoryEvent | undefined {
    return this.#bufferedEntries().find(([, event]) => test(event))?.[1];
  }

  /** As `findBuffered`, and the event never comes to be in history. */
  takeBuffered(test: (event: HistoryEvent) => boolean): HistoryEvent | undefined {
    const found = this.#bufferedEntries().find(([, event]) => test(event));
    if (found) this.buffered.delete(found[0]);
    return found?.[1];
  }

  /** Forgets waiting events: what a closed run does with them. */
  dropBuffer(): void {
    for (const [key] of this.#bufferedEntries()) this.buffered.delete(key);
  }

  #bufferedEntries(): [number, HistoryEvent][] {
    const entries: [number, HistoryEvent][] = [];
    for (let key = this.info.nextBufferedKey - 1; key >= 0 && entries.length < this.buffered.size; key--) {
      const event = this.buffered.get(key);
      if (event) entries.push([key, event]);
    }
    return entries.reverse();
  }

  /** What follows is stored as a batch of its own. */
  startBatch(): void {
    if (this.#batches.at(-1)?.length !== 0) this.#batches.push([]);
  }

  /** First event id of the batch that the next event joins. */
  get batchFirstEventId(): number {
    return this.#batches.at(-1)?.[0]?.eventId ?? this.info.nextEventId;
  }

  get hasEvents(): boolean {
    return (this.#batches[0]?.length ?? 0) > 0;
  }

  #append(event: HistoryEvent, wire?: (event: HistoryEvent) => HistoryEvent): HistoryEvent {
    const eventId = this.info.nextEventId;
    const identified = { ...event, eventId, taskId: eventId };
    const appended = wire ? wire(identified) : identified;
    this.#batches.at(-1)?.push(appended);
    this.info.nextEventId = eventId + 1;
    return appended;
  }

  /** Seals the batches and counts their bytes. Call once, at the end. */
  seal(): readonly EncodedBatch[] {
    const encoded: EncodedBatch[] = [];
    for (const events of this.#batches) {
      const firstEventId = events[0]?.eventId;
      if (firstEventId === undefined) continue;
      const data = historyCodec.encode({ events });
      this.info.historySizeBytes += data.length;
      encoded.push({ firstEventId, lastEventId: firstEventId + events.length - 1, data });
    }
    const last = encoded.at(-1)?.lastEventId ?? this.base.info.nextEventId - 1;
    assert(last === this.info.nextEventId - 1, 'event ids of a transition must be contiguous');
    return encoded;
  }

  tellOfUpdate(updateId: string, news: UpdateNews['news']): void {
    this.#updateNews.set(updateId, { updateId, news });
  }

  updateNewsOf(updateId: string): UpdateNews['news'] | undefined {
    return this.#updateNews.get(updateId)?.news;
  }

  get updateNews(): readonly UpdateNews[] {
    return [...this.#updateNews.values()];
  }

  diff(): ExecutionDiff {
    return {
      info: this.info,
      activities: this.activities.diff(),
      timers: this.timers.diff(),
      requestIds: this.requestIds.diff(),
      callbacks: this.callbacks.diff(),
      buffered: this.buffered.diff(),
      updates: this.updates.diff(),
      waitingUpdates: this.waitingUpdates.diff(),
      children: this.children.diff(),
      externalCancels: this.externalCancels.diff(),
      externalSignals: this.externalSignals.diff(),
      summary: summaryOf(this),
    };
  }
}
