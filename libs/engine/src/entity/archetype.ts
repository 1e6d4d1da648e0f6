import type { Refusal } from '../workflow/refusal.ts';

/** What can be asked of one kind of entity, and what it answers. */
export type EntityTable = {
  readonly [name: string]: { readonly command: object; readonly reply: unknown };
};

/** What one decision may depend on beside state and command. */
export interface EntityEnvironment {
  readonly now: number;
  readonly namespaceId: string;
  readonly id: string;
}

/** What a command comes to. States are never changed: a new one shares with the old one whatever stays. */
export type EntityVerdict<State, Reply> =
  | { readonly kind: 'changed'; readonly state: State; readonly reply: Reply }
  | { readonly kind: 'unchanged'; readonly reply: Reply }
  | { readonly kind: 'removed'; readonly reply: Reply }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export type EntityCommand<State, Command, Reply> = (
  state: State | undefined,
  command: Command,
  environment: EntityEnvironment,
) => EntityVerdict<State, Reply>;

/** Work outside of an entity that follows from its state. Equal names ask for the same. */
export interface EntityTask {
  readonly type: string;
  readonly name: string;
}

interface Row {
  readonly kind: number;
  readonly key: string;
  readonly data: Uint8Array;
}

/** An entity as a store keeps it, compared with how it was before. */
export interface EntityRows {
  readonly info: Uint8Array;
  readonly upserts: readonly Row[];
  readonly deletes: readonly Pick<Row, 'kind' | 'key'>[];
}

/** What lists show of an entity. */
export interface EntityListing {
  readonly startTimeMs: number;
  readonly summary: Uint8Array;
}

/**
 * One kind of durable thing beside workflow runs: its commands are pure, its state is one row and rows of its parts. It has
 * no history, because nobody reads one: whatever it waits for follows from the state, as with runs.
 */
export interface Archetype<State, Table extends EntityTable> {
  /** Part of the keys of its entities: never changes. */
  readonly name: string;
  readonly commands: { readonly [N in keyof Table]: EntityCommand<State, Table[N]['command'], Table[N]['reply']> };
  encode(state: State, before: State | undefined): EntityRows;
  /** @throws when a row cannot be decoded */
  decode(info: Uint8Array, items: readonly Row[]): State;
  /** Time has passed: what is due happens. */
  wakeUp(state: State, now: number): State;
  /** When something becomes due; 0 means never. */
  nextWakeMs(state: State): number;
  /** Immediate work: what a new owner of its shard must do again. */
  outstanding(state: State): readonly EntityTask[];
  listing(state: State): EntityListing;
}

export const changed = <State, Reply>(state: State, reply: Reply): EntityVerdict<State, Reply> => ({
  kind: 'changed',
  state,
  reply,
});
export const unchanged = <Reply>(reply: Reply): EntityVerdict<never, Reply> => ({ kind: 'unchanged', reply });
export const refusedBy = (refusal: Refusal): EntityVerdict<never, never> => ({ kind: 'refused', refusal });
