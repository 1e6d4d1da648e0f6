import { GrpcCode, ServiceError } from '@duramesh/contracts';
import type { TaskOf, TaskType } from '@duramesh/engine';
import { type ExecutionInfo, NamespaceRef } from '@duramesh/proto';
import type { HistoryClient, HistoryDeps, MatchingClient } from '../deps.ts';
import type { Owner } from '../shard/owner.ts';
import type { CachedRun } from '../shard/run-cache.ts';

/** What actions work with. */
export interface ActionParts {
  readonly deps: HistoryDeps;
  readonly owner: Owner;
  readonly matching: MatchingClient;
  readonly history: HistoryClient;
}

export type ActionRun = Pick<CachedRun, 'key' | 'shard'>;

/**
 * Does outside of a run what the run waits for. It may be done twice, also by two owners at one time, and comes to the
 * same: what is sent carries an id that is derived from the run. What it throws is tried again while the run still waits.
 */
export type Action<Type extends TaskType> = (parts: ActionParts, run: ActionRun, task: TaskOf<Type>) => Promise<void>;

/** The namespace of a run, as far as requests to its neighbours need it. */
export const namespaceOfRun = ({ namespaceId, namespace }: ExecutionInfo): NamespaceRef =>
  NamespaceRef.create({ id: namespaceId, name: namespace });

export type Answered<T> = { readonly kind: 'done'; readonly value: T } | Refused;
interface Refused {
  readonly kind: 'refused';
  readonly code: GrpcCode;
}

/**
 * What a call comes to when it is answered: a refusal with one of the codes is an outcome like any other.
 * @throws what says nothing about the request itself
 */
export async function answered<T>(call: Promise<T>, codes: readonly GrpcCode[]): Promise<Answered<T>> {
  try {
    return { kind: 'done', value: await call };
  } catch (error) {
    if (error instanceof ServiceError && codes.includes(error.code)) return { kind: 'refused', code: error.code };
    throw error;
  }
}

/** Carries out what is of no use any more once its object is gone. */
export async function unlessGone(call: Promise<unknown>): Promise<void> {
  await answered(call, [GrpcCode.NOT_FOUND]);
}
