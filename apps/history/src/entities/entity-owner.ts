import { entityNamespace, GrpcCode, notFound, partitionOf, ServiceError, workflowKey } from '@duramesh/contracts';
import type { Archetype, EntityTable, EntityTask, EntityVerdict } from '@duramesh/engine';
import { type ExecutionKey, type Lease, type RunWrite, StoreFault } from '@duramesh/persistence';
import type { HistoryDeps } from '../deps.ts';
import type { Place, Resident } from '../queues/resident.ts';
import { storeFailed, toServiceError } from '../refusals.ts';
import { runKeyOf } from '../shard/run-cache.ts';
import type { Shards } from '../shard/shards.ts';
import type { Transactions } from '../shard/transactions.ts';
import { listEntry } from './list-entry.ts';

/** Entities of one kind that are kept in memory. */
const CACHED = 1_000;

/** An entity as requests name it. */
export interface EntityRef {
  readonly namespaceId: string;
  readonly id: string;
}

interface Held<State> {
  readonly state: State;
  readonly version: number;
}

/** What the queues do with entities of one kind. */
export interface EntityResidents {
  read(key: ExecutionKey): Promise<Resident>;
  wake(key: ExecutionKey): Promise<void>;
  carryOut(place: Place, task: EntityTask): Promise<void>;
  forgetShard(shard: number): void;
}

export interface EntityListeners {
  /** Told of every durable change. */
  readonly onChange: (resident: Resident) => void;
  /** A write may or may not have landed: what follows from it must be found in what is stored. */
  readonly onDoubt: (key: ExecutionKey) => void;
}

export interface EntityParts<State, Table extends EntityTable, Task extends EntityTask> {
  readonly archetype: Archetype<State, Table>;
  readonly shards: Shards;
  readonly transactions: Transactions;
  /** Does what a task asks for. */
  readonly carryOut: (ref: EntityRef, task: Task) => Promise<void>;
  readonly listeners: EntityListeners;
}

/**
 * The only writer of the entities of one kind, as `Owner` is of runs: lock → load → decide → commit → absorb → act, on the
 * same shards, in the same rows, by the same queues.
 */
export class EntityOwner<State, Table extends EntityTable, Task extends EntityTask> implements EntityResidents {
  readonly #deps: HistoryDeps;
  readonly #parts: EntityParts<State, Table, Task>;
  /** The one that was used longest ago first. */
  readonly #held = new Map<string, Held<State> & { readonly shard: number }>();

  constructor(deps: HistoryDeps, parts: EntityParts<State, Table, Task>) {
    this.#deps = deps;
    this.#parts = parts;
  }

  /** Puts one command to one entity. @throws ServiceError what was refused */
  execute<N extends keyof Table & string>(
    ref: EntityRef,
    name: N,
    command: Table[N]['command'],
  ): Promise<Table[N]['reply']> {
    const { archetype } = this.#parts;
    return this.#decide(ref, (state) => {
      const now = this.#deps.clock.now();
      return archetype.commands[name](state, command, { now, ...ref });
    });
  }

  /** As of its last durable change; undefined when there is none. */
  find(ref: EntityRef): Promise<State | undefined> {
    return this.#decide(ref, (state) => ({ kind: 'unchanged', reply: state }));
  }

  async read(key: ExecutionKey): Promise<Resident> {
    const state = await this.find(this.#refOf(key));
    if (state === undefined) throw notFound(`${this.#parts.archetype.name} ${key.workflowId} is not there`);
    return this.#resident(key, state);
  }

  async wake(key: ExecutionKey): Promise<void> {
    const { archetype } = this.#parts;
    await this.#decide<undefined>(this.#refOf(key), (state) => {
      const next = state && archetype.wakeUp(state, this.#deps.clock.now());
      return next === undefined || next === state
        ? { kind: 'unchanged', reply: undefined }
        : { kind: 'changed', state: next, reply: undefined };
    });
  }

  carryOut({ key }: Place, task: EntityTask): Promise<void> {
    // Only tasks of this kind are made for its entities.
    return this.#parts.carryOut(this.#refOf(key), task as Task);
  }

  forgetShard(shard: number): void {
    for (const [id, held] of this.#held) if (held.shard === shard) this.#held.delete(id);
  }

  #keyOf({ namespaceId, id }: EntityRef): ExecutionKey {
    const { name } = this.#parts.archetype;
    return { namespaceId: entityNamespace(namespaceId, name), workflowId: id, runId: name };
  }

  /** Where decisions about it are made. */
  #placeOf({ namespaceId, workflowId }: ExecutionKey): Parameters<Transactions['run']>[0] {
    const key = workflowKey(namespaceId, workflowId);
    return { key, shard: partitionOf(key, this.#deps.facts.historyShards) };
  }

  #refOf({ namespaceId, workflowId }: ExecutionKey): EntityRef {
    return { namespaceId: namespaceId.slice(0, -this.#parts.archetype.name.length - 1), id: workflowId };
  }

  #decide<Reply>(ref: EntityRef, decide: (state: State | undefined) => EntityVerdict<State, Reply>): Promise<Reply> {
    const key = this.#keyOf(ref);
    return this.#parts.transactions.run(this.#placeOf(key), async (lease) => {
      const held = await this.#load(key, lease);
      const verdict = decide(held?.state);
      switch (verdict.kind) {
        case 'changed':
          return (await this.#commit(lease, key, { held, state: verdict.state }))
            ? { value: verdict.reply }
            : undefined;
        case 'removed':
          return (await this.#remove(lease, key)) ? { value: verdict.reply } : undefined;
        default:
          if (!(await this.#parts.transactions.confirm(lease))) return undefined;
          if (verdict.kind === 'refused') throw toServiceError(verdict.refusal);
          return { value: verdict.reply };
      }
    });
  }

  async #load(key: ExecutionKey, lease: Lease): Promise<Held<State> | undefined> {
    const cached = this.#held.get(runKeyOf(key));
    if (cached) return cached;
    try {
      const stored = await this.#deps.store.executions.readRun(key);
      if (!stored) return undefined;
      const held = { state: this.#parts.archetype.decode(stored.info, stored.items), version: stored.version };
      // What was read while the shard changed hands must not be kept.
      if (this.#parts.shards.isHeld(lease)) this.#keep(key, held, lease.partition);
      return held;
    } catch (error) {
      if (error instanceof StoreFault) throw storeFailed(error);
      this.#deps.logger.error({ error, ...key }, 'the stored state of this entity cannot be read; see duramesh fsck');
      throw new ServiceError(GrpcCode.DATA_LOSS, `the stored state of ${key.workflowId} cannot be read`);
    }
  }

  async #commit(
    lease: Lease,
    key: ExecutionKey,
    { held, state }: { readonly held: Held<State> | undefined; readonly state: State },
  ): Promise<boolean> {
    const { archetype, shards, transactions, listeners } = this.#parts;
    const write: RunWrite = {
      key,
      expectedVersion: held?.version ?? 0,
      ...archetype.encode(state, held?.state),
      history: [],
      wakeAtMs: archetype.nextWakeMs(state),
      outstanding: archetype.outstanding(state).length > 0,
      visibility: listEntry(key, archetype.name, archetype.listing(state)),
    };
    const term = shards.term(lease.partition);
    const result = await this.#deps.store.executions.commit({ lease, runs: [write], current: undefined });
    if (result === 'committed') {
      // Otherwise the answer took its time, and others may have gone on from what was written.
      const isLatest = shards.term(lease.partition) === term;
      if (isLatest) this.#keep(key, { state, version: write.expectedVersion + 1 }, lease.partition);
      listeners.onChange(this.#resident(key, state));
      return true;
    }
    this.#held.delete(runKeyOf(key));
    await transactions.lost(lease, result);
    if (result === 'unknown') listeners.onDoubt(key);
    return false;
  }

  async #remove(lease: Lease, key: ExecutionKey): Promise<boolean> {
    this.#held.delete(runKeyOf(key));
    const result = await this.#deps.store.executions.deleteRun(lease, key);
    if (result !== 'committed') await this.#parts.transactions.lost(lease, result);
    return result === 'committed';
  }

  #keep(key: ExecutionKey, held: Held<State>, shard: number): void {
    const name = runKeyOf(key);
    this.#held.delete(name);
    this.#held.set(name, { ...held, shard });
    if (this.#held.size <= CACHED) return;
    for (const oldest of this.#held.keys()) return void this.#held.delete(oldest);
  }

  #resident(key: ExecutionKey, state: State): Resident {
    const { archetype } = this.#parts;
    const { shard } = this.#placeOf(key);
    return { key, shard, wakeAtMs: archetype.nextWakeMs(state), isStored: true, tasks: archetype.outstanding(state) };
  }
}
