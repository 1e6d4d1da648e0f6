import { partitionOf, ServiceError, workflowKey } from '@duramesh/contracts';
import {
  absorb,
  type CommandName,
  type CommandOf,
  decodeState,
  encodeDiff,
  type Environment,
  type ExecutionState,
  type HistoryEvent,
  type MemoryChange,
  type ReplyOf,
  type RunChange,
} from '@duramesh/engine';
import { NotOwnerError } from '@duramesh/bus';
import { noTracer, type Tracer } from '@duramesh/runtime';
import {
  type CurrentRunWrite,
  type DueRun,
  type ExecutionKey,
  type ExecutionStore,
  type HistoryBatch,
  type Lease,
  type RunWrite,
  StoreFault,
} from '@duramesh/persistence';
import type { NamespaceRef } from '@duramesh/proto';
import type { HistoryDeps } from '../deps.ts';
import { environmentFor } from '../environment.ts';
import { readStartedEvent } from '../read/history-reader.ts';
import { storeFailed, toServiceError, workflowNotFound } from '../refusals.ts';
import { visibilityRow } from '../visibility-row.ts';
import type { CachedRun, RunCache } from './run-cache.ts';
import type { Shards } from './shards.ts';
import { Staging, StagingFailed, type Unstaged } from './staging.ts';
import { type Executed, step } from './step.ts';
import type { Transactions } from './transactions.ts';
import { transitionSpan } from './transition-span.ts';

/** A run as requests name it: without a run id, the current one. */
export interface RunRef {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
  /** What the namespace says; absent where nothing depends on it. */
  readonly namespace?: NamespaceRef;
}

/** Which workflow a decision is about. */
export type WorkflowRef = Omit<RunRef, 'runId'>;

/** What is to be written of one run. */
export interface RunPlan {
  readonly change: RunChange;
  /** undefined for a run that is created. */
  readonly run: CachedRun | undefined;
  /** The last part of a history that a created run has from elsewhere; what comes before it was staged. */
  readonly copied?: readonly HistoryBatch[];
}

/** Runs of one workflow id to be written together, decided under its lock. */
export interface WritePlan<Result> {
  readonly kind: 'write';
  readonly changes: readonly RunPlan[];
  readonly current: CurrentRunWrite | undefined;
  readonly result: Result;
}
interface Refused {
  readonly kind: 'refused';
  readonly error: ServiceError;
}
interface Answer<Result> {
  readonly kind: 'answer';
  readonly result: Result;
}
/** A change of what memory alone holds of one run, and what its caller is told. */
export interface MemoryPlan<Result> {
  readonly kind: 'inMemory';
  readonly change: MemoryChange;
  readonly run: CachedRun;
  readonly result: Answer<Result> | Refused;
}
export type Plan<Result> = WritePlan<Result> | MemoryPlan<Result> | Answer<Result>;

/** The same plan with another result. */
export function mapPlan<A, B>(plan: Plan<A>, map: (result: A) => B): Plan<B> {
  if (plan.kind !== 'inMemory') return { ...plan, result: map(plan.result) };
  const { result: told } = plan;
  return { ...plan, result: told.kind === 'refused' ? told : { kind: 'answer', result: map(told.result) } };
}

/** What a decision may look at while it holds the lock of its workflow id. */
export interface WorkflowView {
  environment(startedEvent?: HistoryEvent): Environment;
  currentRunId(): Promise<string | undefined>;
  /** The current run as far as memory knows: undefined says nothing of what is stored. */
  knownCurrentRunId(): string | undefined;
  /** @throws ServiceError NOT_FOUND when there is no such run */
  load(runId: string): Promise<CachedRun>;
  /** As `load`; without a run id, the current run. */
  find(runId: string): Promise<CachedRun>;
  startedEvent(run: CachedRun): Promise<HistoryEvent>;
  /** Writes a part of the history of a run that the decision is to create. It goes again if the run does not come. */
  stage(key: ExecutionKey, history: readonly HistoryBatch[]): Promise<void>;
}

/** Told of every durable change. */
export type CommitListener = (run: CachedRun, change: RunChange) => void;

/** Told of every change, durable or in memory only, when it has taken effect. */
export type ChangeListener = (run: CachedRun, change: MemoryChange) => void;
/** Told of every run that is gone. */
export type RemovalListener = (key: ExecutionKey) => void;

/** Told of a run whose last write may or may not have landed: what follows from it must be found in what is stored. */
export type DoubtListener = (run: RunRef) => void;

/**
 * The only writer of runs: lock → load → decide → commit → absorb → act. Nothing leaves before it is durable.
 */
export class Owner {
  readonly #deps: HistoryDeps;
  readonly #store: ExecutionStore;
  readonly #shards: Shards;
  readonly #cache: RunCache;
  readonly #transactions: Transactions;
  readonly #tracer: Tracer;
  readonly #commitListeners: CommitListener[] = [];
  readonly #changeListeners: ChangeListener[] = [];
  #onDoubt: DoubtListener = () => undefined;
  #onRemoval: RemovalListener = () => undefined;

  constructor(deps: HistoryDeps, parts: { shards: Shards; transactions: Transactions; cache: RunCache }) {
    this.#deps = deps;
    this.#store = deps.store.executions;
    this.#shards = parts.shards;
    this.#transactions = parts.transactions;
    this.#cache = parts.cache;
    this.#tracer = deps.tracer ?? noTracer;
  }

  onCommit(listener: CommitListener): void {
    this.#commitListeners.push(listener);
  }

  onChange(listener: ChangeListener): void {
    this.#changeListeners.push(listener);
  }

  onDoubt(listener: DoubtListener): void {
    this.#onDoubt = listener;
  }

  onRemoval(listener: RemovalListener): void {
    this.#onRemoval = listener;
  }

  owns(shard: number): boolean {
    return this.#shards.owns(shard);
  }

  shardOf(ref: WorkflowRef): number {
    return partitionOf(workflowKey(ref.namespaceId, ref.workflowId), this.#deps.facts.historyShards);
  }

  /**
   * Puts one command to one run.
   * @throws ServiceError what the engine refused, or NOT_FOUND when there is no such run
   */
  async execute<N extends CommandName>(
    ref: RunRef,
    name: N,
    command: CommandOf<N>,
  ): Promise<{ readonly reply: ReplyOf<N>; readonly run: CachedRun }> {
    const decide = async (view: WorkflowView): Promise<Plan<Executed<N>>> =>
      step(view, await view.find(ref.runId), { name, command });
    const { reply, run, refusal } = await this.transact(ref, decide, name);
    // What was written is something else than what was asked for.
    if (refusal) throw toServiceError(refusal);
    return { reply, run };
  }

  /**
   * Decides under the lock of the workflow id and makes the decision durable, again if the world moved meanwhile.
   * @param name of the decision, in traces
   */
  async transact<Result>(
    ref: WorkflowRef,
    decide: (view: WorkflowView) => Promise<Plan<Result>>,
    name = 'Read',
  ): Promise<Result> {
    const key = workflowKey(ref.namespaceId, ref.workflowId);
    const shard = this.shardOf(ref);
    return this.#transactions.run({ key, shard }, async (lease) => {
      const staging = new Staging(this.#store, lease);
      const startMs = this.#tracer.isOn ? this.#deps.clock.now() : 0;
      try {
        const plan = await this.#decide(() => decide(this.#view(ref, key, { lease, staging })));
        if (!this.#tracer.isOn || plan.kind !== 'write') return await this.#carryThrough(lease, plan, key);
        const decided = { name, plan, shard, startMs };
        return await transitionSpan(this.#tracer, decided, () => this.#carryThrough(lease, plan, key));
      } finally {
        for (const run of staging.keys) if (!(await this.#discard(run, shard))) this.#onDoubt(run);
      }
    });
  }

  /** What a plan comes to; undefined when the decision has to be made again. */
  async #carryThrough<Result>(
    lease: Lease,
    plan: Plan<Result> | Refused | Unstaged,
    key: string,
  ): Promise<{ readonly value: Result } | undefined> {
    if (plan.kind === 'unstaged') {
      await this.#transactions.lost(lease, plan.result);
      return undefined;
    }
    if (plan.kind === 'write') return (await this.#commit(lease, plan, key)) ? { value: plan.result } : undefined;
    if (!(await this.#transactions.confirm(lease))) return undefined;
    if (plan.kind === 'inMemory') this.#absorbInMemory(plan);
    const told = plan.kind === 'inMemory' ? plan.result : plan;
    if (told.kind === 'refused') throw told.error;
    return { value: told.result };
  }

  /** A refusal is a decision too, and must be as true as one that is written. */
  async #decide<Result>(decide: () => Promise<Plan<Result>>): Promise<Plan<Result> | Refused | Unstaged> {
    try {
      return await decide();
    } catch (error) {
      if (error instanceof StoreFault) throw storeFailed(error);
      if (error instanceof StagingFailed) return { kind: 'unstaged', result: error.result };
      if (!(error instanceof ServiceError)) throw error;
      return { kind: 'refused', error };
    }
  }

  #view(ref: WorkflowRef, key: string, { lease, staging }: { lease: Lease; staging: Staging }): WorkflowView {
    const load = (runId: string): Promise<CachedRun> =>
      this.#load({ namespaceId: ref.namespaceId, workflowId: ref.workflowId, runId }, lease);
    return {
      environment: (startedEvent) => environmentFor(this.#deps, ref.namespace, startedEvent),
      currentRunId: () => this.#currentRunId(ref, key, lease),
      knownCurrentRunId: () => this.#cache.currentRunId(key),
      load,
      find: async (runId) => {
        const found = runId === '' ? await this.#currentRunId(ref, key, lease) : runId;
        if (found === undefined) throw workflowNotFound(ref.workflowId);
        return load(found);
      },
      startedEvent: (run) => readStartedEvent(this.#store, run),
      stage: (run, history) => staging.stage(run, history),
    };
  }

  async #currentRunId(ref: WorkflowRef, key: string, lease: Lease): Promise<string | undefined> {
    const known = this.#cache.currentRunId(key);
    if (known !== undefined) return known;
    const runId = await this.#store.readCurrentRunId(ref.namespaceId, ref.workflowId);
    this.#stillHeld(lease);
    if (runId !== undefined) this.#cache.setCurrent(key, { runId, shard: lease.partition });
    return runId;
  }

  async #load(key: ExecutionKey, lease: Lease): Promise<CachedRun> {
    const cached = this.#cache.get(key);
    if (cached) return cached;
    const stored = await this.#store.readRun(key);
    this.#stillHeld(lease);
    if (!stored) throw workflowNotFound(key.workflowId, key.runId);
    const state = this.#decode(key, stored.info, stored.items);
    const shard = lease.partition;
    const run: CachedRun = { key, shard, state, version: stored.version, tail: [], tailBytes: 0 };
    this.#cache.put(run);
    return run;
  }

  /** What was read while the shard changed hands must not be kept. */
  #stillHeld(lease: Lease): void {
    if (!this.#shards.isHeld(lease)) throw new NotOwnerError(`history shard ${lease.partition} changed hands`);
  }

  /** A run whose rows cannot be read is refused for itself; its neighbours are served. */
  #decode(key: ExecutionKey, info: Uint8Array, items: Parameters<typeof decodeState>[1]): ExecutionState {
    try {
      return decodeState(info, items);
    } catch (error) {
      this.#deps.logger.error({ error, ...key }, 'the stored state of this run cannot be read; see duramesh fsck');
      this.#deps.metrics.counter('poisoned_runs', 'Runs whose stored state cannot be read.').add(1);
      throw new ServiceError(15, `the stored state of workflow ${key.workflowId}, run ${key.runId}, cannot be read`);
    }
  }

  /** A run as memory has it, which may be behind if the shard was lost unnoticed: for looking whether to wait. */
  peek(ref: RunRef): CachedRun | undefined {
    const runId = ref.runId === '' ? this.#cache.currentRunId(workflowKey(ref.namespaceId, ref.workflowId)) : ref.runId;
    return runId === undefined ? undefined : this.#cache.get({ ...ref, runId });
  }

  /** A run for reading: as of its last durable change. Waits for no lock when it is in memory. */
  async read(ref: RunRef): Promise<CachedRun> {
    const lease = this.#shards.lease(this.shardOf(ref));
    const cached = this.peek(ref);
    if (cached && (await this.#transactions.confirm(lease))) return cached;
    return this.transact(ref, async (view) => ({ kind: 'answer', result: await view.find(ref.runId) }));
  }

  /** True when durable; false when the decision has to be made again on what is stored now. */
  async #commit<Result>(lease: Lease, plan: WritePlan<Result>, key: string): Promise<boolean> {
    const runs = plan.changes.map((change) => this.#runWrite(change));
    const term = this.#shards.term(lease.partition);
    const result = await this.#transactions.timed(this.#store.commit({ lease, runs, current: plan.current }));
    if (result === 'committed') {
      this.#absorb(lease.partition, plan, key);
      // The answer took its time, and others may have gone on from what was written.
      if (this.#shards.term(lease.partition) !== term) this.#forget(runs);
      return true;
    }
    this.#forget(runs);
    await this.#transactions.lost(lease, result);
    if (result === 'unknown') for (const { key: doubtful } of runs) this.#onDoubt(doubtful);
    return false;
  }

  #forget(runs: readonly RunWrite[]): void {
    for (const { key } of runs) this.#cache.forget(key);
  }

  #runWrite({ change, run, copied = [] }: RunPlan): RunWrite {
    const { info } = change.diff;
    const { namespaceId, workflowId, runId } = info;
    return {
      key: run?.key ?? { namespaceId, workflowId, runId },
      expectedVersion: run?.version ?? 0,
      ...encodeDiff(change.diff),
      history: copied.length > 0 ? [...copied, ...change.batches] : change.batches,
      wakeAtMs: change.wakeAtMs,
      outstanding: change.outstanding,
      visibility: change.visibilityChanged ? visibilityRow(info) : undefined,
    };
  }

  #absorb<Result>(shard: number, { changes, current }: WritePlan<Result>, key: string): void {
    if (current) this.#cache.setCurrent(key, { runId: current.runId, shard });
    for (const { change, run } of changes) {
      const { namespaceId, workflowId, runId } = change.diff.info;
      const absorbed: CachedRun = run ?? {
        key: { namespaceId, workflowId, runId },
        shard,
        state: change.base,
        version: 0,
        tail: [],
        tailBytes: 0,
      };
      absorbed.state = absorb(change.base, change.diff);
      absorbed.version += 1;
      this.#cache.appendTail(absorbed, change.batches);
      this.#cache.put(absorbed);
      for (const listener of this.#commitListeners) listener(absorbed, change);
      for (const listener of this.#changeListeners) listener(absorbed, change);
    }
  }

  /** The lease was confirmed after the decision: nobody else can have written what it was made on. */
  #absorbInMemory<Result>({ change, run }: MemoryPlan<Result>): void {
    run.state = absorb(change.base, change.diff);
    this.#cache.put(run);
    for (const listener of this.#changeListeners) listener(run, change);
  }

  /** Removes a closed run with its history. Idempotent. */
  async remove(run: Pick<CachedRun, 'key' | 'shard'>): Promise<void> {
    const { key } = run;
    const place = { key: workflowKey(key.namespaceId, key.workflowId), shard: run.shard };
    await this.#transactions.run(place, async (lease) => {
      this.#cache.forget(key);
      const result = await this.#store.deleteRun(lease, key);
      if (result === 'committed') return { value: this.#onRemoval(key) };
      await this.#transactions.lost(lease, result);
      return undefined;
    });
  }

  /** Removes the staged history of a run that never came; one that has come stays. False when it has to be tried again. */
  async discard({ key, partition }: Pick<DueRun, 'key' | 'partition'>): Promise<boolean> {
    const name = workflowKey(key.namespaceId, key.workflowId);
    return this.#transactions.once(name, () => this.#discard(key, partition));
  }

  async #discard(key: ExecutionKey, shard: number): Promise<boolean> {
    try {
      const lease = this.#shards.lease(shard);
      if (await this.#store.readRun(key)) return true;
      return (await this.#store.deleteRun(lease, key)) === 'committed';
    } catch (error) {
      this.#deps.logger.debug({ error, ...key }, 'a staged history could not be removed');
      return false;
    }
  }
}
