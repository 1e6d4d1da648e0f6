/**
 * Is there an order of these operations that a sequential object could have answered, and in which each one takes effect
 * between its call and its return? The search is that of Wing and Gong ("Testing and verifying concurrent objects", 1993)
 * with the memory of Lowe ("Testing for linearizability", 2017): what was tried from one state with the same operations done
 * is not tried again. Objects that do not touch each other are checked apart.
 */

/** Called and returned, in any unit. */
export interface Interval {
  readonly calledAt: number;
  /** Infinity: it may take effect at any later time. */
  readonly returnedAt: number;
  /** It may as well never have happened. */
  readonly isOptional: boolean;
}

export interface SequentialModel<State, Op> {
  readonly first: State;
  /** What the object may be after the operation; nothing when it cannot have answered so. */
  next(state: State, operation: Op): readonly State[];
  /** The same for states that behave alike. */
  key(state: State): string;
  /** Nothing is missing when all operations are done. */
  isEnd(state: State): boolean;
}

export type Verdict<State, Op> =
  | { readonly kind: 'linearizable'; readonly order: readonly Op[] }
  /** The longest order that was found, and where it has led. */
  | { readonly kind: 'no order'; readonly longest: readonly Op[]; readonly state: State }
  /** The search was given up. */
  | { readonly kind: 'undecided'; readonly tried: number };

const TRIED_AT_MOST = 200_000;

export function linearize<State, Op extends Interval>(
  operations: readonly Op[],
  model: SequentialModel<State, Op>,
  triedAtMost = TRIED_AT_MOST,
): Verdict<State, Op> {
  return new Search(operations, model, triedAtMost).run();
}

class Search<State, Op extends Interval> {
  readonly #operations: readonly Op[];
  readonly #model: SequentialModel<State, Op>;
  readonly #triedAtMost: number;
  readonly #seen = new Set<string>();
  readonly #order: number[] = [];
  readonly #isDone: boolean[];
  #required: number;
  #longest: readonly number[] = [];
  #furthest: State;

  constructor(operations: readonly Op[], model: SequentialModel<State, Op>, triedAtMost: number) {
    // What must happen is tried before what may have.
    this.#operations = operations.toSorted(
      (a, b) => Number(a.isOptional) - Number(b.isOptional) || a.calledAt - b.calledAt,
    );
    this.#model = model;
    this.#triedAtMost = triedAtMost;
    this.#isDone = this.#operations.map(() => false);
    this.#required = operations.filter(({ isOptional }) => !isOptional).length;
    this.#furthest = model.first;
  }

  run(): Verdict<State, Op> {
    if (this.#explore(this.#model.first)) return { kind: 'linearizable', order: this.#named(this.#order) };
    if (this.#seen.size > this.#triedAtMost) return { kind: 'undecided', tried: this.#seen.size };
    return { kind: 'no order', longest: this.#named(this.#longest), state: this.#furthest };
  }

  /** Depth first; what is found stays in `#order`. */
  #explore(state: State): boolean {
    if (this.#required === 0 && this.#model.isEnd(state)) return true;
    const key = `${this.#isDone.map(Number).join('')} ${this.#model.key(state)}`;
    if (this.#seen.has(key) || this.#seen.size > this.#triedAtMost) return false;
    this.#seen.add(key);
    if (this.#order.length > this.#longest.length) {
      this.#longest = [...this.#order];
      this.#furthest = state;
    }
    const firstReturn = this.#firstReturn();
    return this.#operations.some(
      (operation, at) => this.#isDone[at] === false && operation.calledAt <= firstReturn && this.#take(at, state),
    );
  }

  #take(at: number, state: State): boolean {
    const operation = this.#operations[at];
    if (operation === undefined) return false;
    const cost = operation.isOptional ? 0 : 1;
    for (const next of this.#model.next(state, operation)) {
      this.#isDone[at] = true;
      this.#required -= cost;
      this.#order.push(at);
      if (this.#explore(next)) return true;
      this.#order.pop();
      this.#required += cost;
      this.#isDone[at] = false;
    }
    return false;
  }

  /** Nothing that is called later can come before what returns then. */
  #firstReturn(): number {
    let first = Infinity;
    this.#operations.forEach(({ isOptional, returnedAt }, at) => {
      if (this.#isDone[at] === false && !isOptional && returnedAt < first) first = returnedAt;
    });
    return first;
  }

  #named(order: readonly number[]): readonly Op[] {
    return order.flatMap((at) => this.#operations[at] ?? []);
  }
}
