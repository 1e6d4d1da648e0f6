import type { CallContext, HistoryContract, RequestOf, ResponseOf } from '@duramesh/contracts';
import { invalidArgument, ServiceError } from '@duramesh/contracts';
import type { NamespaceRef } from '@duramesh/proto';
import type { HistoryClient, HistoryDeps, MatchingClient } from '../deps.ts';
import type { QueryBuffer } from '../queries/query-buffer.ts';
import type { QueryWorkflow } from '../queries/query-workflow.ts';
import type { ChangeNotifier } from '../read/change-notifier.ts';
import type { Owner, RunRef } from '../shard/owner.ts';
import type { UpdateWaiters } from '../updates/update-waiters.ts';
import type { Deployments } from '../worker-deployments/deployments.ts';

/** What handlers work with. */
export interface HandlerParts {
  readonly deps: HistoryDeps;
  readonly owner: Owner;
  readonly matching: MatchingClient;
  /** Other shards. */
  readonly history: HistoryClient;
  readonly notifier: ChangeNotifier;
  readonly queryBuffer: QueryBuffer;
  readonly queryWorkflow: QueryWorkflow;
  readonly updateWaiters: UpdateWaiters;
  readonly deployments: Deployments;
}

type Methods = HistoryContract['methods'];

/** The handler of one method of the contract, given its parts. */
export type Handler<M extends keyof Methods> = (
  parts: HandlerParts,
) => (request: RequestOf<Methods[M]>, context: CallContext) => Promise<ResponseOf<Methods[M]>>;

/** The frontend resolved the namespace: a request without one was not sent by a frontend. */
export function namespaceOf(request: { readonly namespace?: NamespaceRef | undefined }): NamespaceRef {
  if (!request.namespace) throw invalidArgument('Namespace not set on request.');
  return request.namespace;
}

interface Execution {
  readonly workflowId?: string | undefined;
  readonly runId?: string | undefined;
}

export const refOf = (
  request: { readonly namespace?: NamespaceRef | undefined },
  execution: Execution | undefined,
): RunRef => ({
  namespaceId: namespaceOf(request).id,
  namespace: namespaceOf(request),
  workflowId: execution?.workflowId ?? '',
  runId: execution?.runId ?? '',
});

const NOT_FOUND = 5;
export const isNotFound = (error: unknown): boolean => error instanceof ServiceError && error.code === NOT_FOUND;
