import type { FinalRun, Operation, ShownRun } from '../record/operation.ts';
import type { Interval, SequentialModel } from './linearize.ts';

/**
 * All that a workflow id is to its clients: runs, one after the other, each with a log that grows until the run closes. What the
 * histories tell at the end is known, so a log is how many of its final values are there already; an order that leads
 * elsewhere is left at its first wrong value.
 */
export interface Register {
  /** Of the newest run; empty before there is one. */
  readonly runId: string;
  readonly isOpen: boolean;
  /** Values in its log. */
  readonly length: number;
  readonly cancelled: boolean;
  /** All that there have been, in their order. */
  readonly runIds: readonly string[];
}

export type TimedOperation = Operation & Interval;

const RUNNING = 'RUNNING';
const COMPLETED = 'COMPLETED';
const TERMINATED = 'TERMINATED';

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((value, at) => value === b[at]);

/** Lists are in no order that matters. */
const shownKey = (runs: readonly ShownRun[]): string =>
  runs
    .map(({ runId, status }) => `${runId} ${status}`)
    .sort()
    .join();

export class RegisterModel implements SequentialModel<Register, TimedOperation> {
  readonly first: Register = { runId: '', isOpen: false, length: 0, cancelled: false, runIds: [] };
  readonly #runs: ReadonlyMap<string, FinalRun>;

  constructor(runs: readonly FinalRun[]) {
    this.#runs = new Map(runs.map((run) => [run.runId, run]));
  }

  key({ runId, isOpen, length, cancelled, runIds }: Register): string {
    return `${runId} ${isOpen} ${length} ${cancelled} ${runIds.length}`;
  }

  isEnd({ runId, isOpen, length, cancelled, runIds }: Register): boolean {
    if (runIds.length !== this.#runs.size) return false;
    const run = this.#runs.get(runId);
    return run === undefined || !isOpen || (run.status === RUNNING && this.#isWhole(run, { length, cancelled }));
  }

  next(state: Register, operation: TimedOperation): readonly Register[] {
    const { outcome } = operation;
    if (outcome === 'fail') return this.#couldRefuse(state, operation) ? [state] : [];
    return this.#took(state, operation);
  }

  #couldRefuse({ isOpen, runId }: Register, { kind, refusal }: Operation): boolean {
    if (refusal === 'already started') return isOpen;
    // A run that was terminated before its first task can show nothing.
    if (refusal === 'refused' && kind === 'query') return !isOpen && this.#runs.get(runId)?.status === TERMINATED;
    if (refusal === 'refused') return kind.startsWith('update') || kind === 'finish';
    return kind === 'query' || kind === 'describe' || kind === 'cancel' ? runId === '' : !isOpen;
  }

  #took(state: Register, operation: Operation): readonly Register[] {
    switch (operation.kind) {
      case 'start':
        return this.#begun(state, operation);
      case 'signal':
        return this.#appended(state, operation.value);
      case 'signal-with-start':
        return this.#signaledWithStart(state, operation);
      case 'update':
      case 'update-with-activity':
        return this.#appended(state, operation.value).filter((next) => this.#showsLog(next, operation));
      case 'finish':
        return this.#closed(state, COMPLETED).filter((next) => this.#showsLog(next, operation));
      case 'terminate':
        return this.#closed(state, TERMINATED);
      case 'cancel':
        return this.#cancelled(state);
      case 'query':
      case 'describe':
      case 'result':
      case 'list':
        return this.#shows(state, operation) ? [state] : [];
    }
  }

  #begun(state: Register, { answer }: Operation): readonly Register[] {
    if (state.isOpen) return [];
    const candidates = answer?.runId === undefined ? [...this.#runs.keys()] : [answer.runId];
    return candidates
      .filter((runId) => this.#runs.has(runId) && !state.runIds.includes(runId))
      .map((runId) => ({ runId, isOpen: true, length: 0, cancelled: false, runIds: [...state.runIds, runId] }));
  }

  #appended(state: Register, value: string): readonly Register[] {
    const isNext = state.isOpen && this.#runs.get(state.runId)?.log[state.length] === value;
    return isNext ? [{ ...state, length: state.length + 1 }] : [];
  }

  #signaledWithStart(state: Register, operation: Operation): readonly Register[] {
    const runId = operation.answer?.runId;
    if (!state.isOpen) {
      return this.#begun(state, operation).flatMap((begun) => this.#appended(begun, operation.value));
    }
    return runId === undefined || runId === state.runId ? this.#appended(state, operation.value) : [];
  }

  #closed(state: Register, status: string): readonly Register[] {
    const run = this.#runs.get(state.runId);
    const couldClose = state.isOpen && run?.status === status && this.#isWhole(run, state);
    return couldClose ? [{ ...state, isOpen: false }] : [];
  }

  /** A closed run says yes and does nothing. */
  #cancelled(state: Register): readonly Register[] {
    if (state.isOpen) return [{ ...state, cancelled: true }];
    return state.runId === '' ? [] : [state];
  }

  #isWhole(run: FinalRun, { length, cancelled }: Pick<Register, 'length' | 'cancelled'>): boolean {
    return run.log.length === length && run.cancelled === cancelled;
  }

  #statusOf(state: Register, runId: string): string {
    return runId === state.runId && state.isOpen ? RUNNING : (this.#runs.get(runId)?.status ?? '');
  }

  #showsLog({ runId, length }: Register, { answer }: Operation): boolean {
    if (answer === undefined) return true;
    const log = this.#runs.get(runId)?.log.slice(0, length) ?? [];
    return answer.runId === runId && same(answer.log ?? [], log);
  }

  #shows(state: Register, { kind, answer = {} }: Operation): boolean {
    const { runId = '' } = answer;
    switch (kind) {
      case 'describe':
        return runId === state.runId && answer.status === this.#statusOf(state, runId);
      case 'list': {
        const shown = state.runIds.map((it) => ({ runId: it, status: this.#statusOf(state, it) }));
        return shownKey(answer.runs ?? []) === shownKey(shown);
      }
      case 'result': {
        const isClosed = state.runIds.includes(runId) && (runId !== state.runId || !state.isOpen);
        const run = this.#runs.get(runId);
        const isSame = answer.status !== COMPLETED || same(answer.log ?? [], run?.log ?? []);
        return isClosed && answer.status === run?.status && isSame;
      }
      default:
        return this.#queried(state, answer);
    }
  }

  /** Signals that came after the last task of a run that was terminated were told to no worker, and are in no answer. */
  #queried(state: Register, { runId = '', log = [], cancelled = false }: NonNullable<Operation['answer']>): boolean {
    if (runId !== state.runId) return false;
    if (this.#statusOf(state, runId) === TERMINATED) return true;
    const known = this.#runs.get(runId)?.log.slice(0, state.length) ?? [];
    return same(log, known) && cancelled === state.cancelled;
  }
}
