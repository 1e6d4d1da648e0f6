import type { LocalSubscription } from './local-subscription.ts';

interface Row {
  readonly tokens: readonly string[];
  readonly subscriptions: LocalSubscription[];
  turn: number;
}

const matches = (filter: readonly string[], subject: readonly string[]): boolean =>
  filter.length === subject.length && filter.every((token, at) => token === '*' || token === subject[at]);

/** `service.v1.method.7` becomes `service.v1.*.7`: how owners subscribe. */
export function ownerFilter(subject: string): string {
  const last = subject.lastIndexOf('.');
  const before = subject.lastIndexOf('.', last - 1);
  return before < 0 ? subject : `${subject.slice(0, before)}.*${subject.slice(last)}`;
}

/** Rows found lately, by subject: so many are remembered. */
const FOUND_LIMIT = 10_000;

/** Who in this process serves which subjects. */
export class SubjectTable {
  readonly #rows = new Map<string, Row>();
  /** Filters neither exact nor with their one `*` before the last token: looked through one by one. */
  readonly #odd = new Set<Row>();
  readonly #found = new Map<string, Row>();

  /** True when it is the first subscription to this filter. */
  add(subscription: LocalSubscription): boolean {
    const { filter } = subscription;
    const known = this.#rows.get(filter);
    if (known !== undefined) {
      known.subscriptions.push(subscription);
      return false;
    }
    const row: Row = { tokens: filter.split('.'), subscriptions: [subscription], turn: 0 };
    this.#rows.set(filter, row);
    this.#found.clear();
    const stars = row.tokens.filter((token) => token === '*').length;
    const isPlain = stars === 0 || (stars === 1 && ownerFilter(filter) === filter);
    if (!isPlain) this.#odd.add(row);
    return true;
  }

  /** True when it was the last subscription to this filter. */
  remove(subscription: LocalSubscription): boolean {
    const row = this.#rows.get(subscription.filter);
    const at = row?.subscriptions.indexOf(subscription) ?? -1;
    if (row === undefined || at < 0) return false;
    row.subscriptions.splice(at, 1);
    if (row.subscriptions.length > 0) return false;
    this.#rows.delete(subscription.filter);
    this.#found.clear();
    this.#odd.delete(row);
    return true;
  }

  find(subject: string): LocalSubscription | undefined {
    const row = this.#found.get(subject) ?? this.#look(subject);
    if (row === undefined) return undefined;
    if (row.subscriptions.length === 1) return row.subscriptions[0];
    row.turn = (row.turn + 1) % row.subscriptions.length;
    return row.subscriptions[row.turn];
  }

  #look(subject: string): Row | undefined {
    const row = this.#rows.get(ownerFilter(subject)) ?? this.#rows.get(subject) ?? this.#findOdd(subject);
    if (row === undefined) return undefined;
    if (this.#found.size >= FOUND_LIMIT) this.#found.clear();
    this.#found.set(subject, row);
    return row;
  }

  get filters(): readonly string[] {
    return [...this.#rows.keys()];
  }

  all(): LocalSubscription[] {
    return [...this.#rows.values()].flatMap((row) => row.subscriptions);
  }

  #findOdd(subject: string): Row | undefined {
    if (this.#odd.size === 0) return undefined;
    const tokens = subject.split('.');
    for (const row of this.#odd) if (matches(row.tokens, tokens)) return row;
    return undefined;
  }
}
