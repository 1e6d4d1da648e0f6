import type { Client, HistoryContract, MatchingContract, PartitionsOf } from '@duramesh/contracts';
import type { ClusterFacts, Store } from '@duramesh/persistence';
import type { Clock, Ids, Logger, Metrics, Random, Tracer } from '@duramesh/runtime';
import type { FrontendLimits } from '../limits.ts';
import type { NamespaceRegistry } from '../namespaces/namespace-registry.ts';
import type { OfferAnswers } from '../poll/offer-answers.ts';
import type { OutstandingPolls } from '../poll/outstanding-polls.ts';
import type { HandlerCall } from './handler-call.ts';
import type { RpcName, RpcRequest, RpcResponse } from './rpc-types.ts';

/** What handlers are made with. */
export interface FrontendServices {
  readonly history: Client<HistoryContract>;
  readonly matching: Client<MatchingContract>;
  readonly namespaces: NamespaceRegistry;
  readonly store: Store;
  readonly facts: ClusterFacts;
  readonly limits: FrontendLimits;
  readonly partitionsOf: PartitionsOf;
  readonly polls: OutstandingPolls;
  readonly offerAnswers: OfferAnswers;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
  /** How long one waiting request to another service should last. */
  readonly longPollSliceMs: number;
  /** Aborts when the process is about to stop: what only waits ends at once. */
  readonly stopping: AbortSignal;
}

/** Answers one RPC with its response message, or with the bytes of one that was encoded elsewhere. */
export type Handler<N extends RpcName> = (
  request: RpcRequest<N>,
  call: HandlerCall,
) => Promise<RpcResponse<N> | Uint8Array>;

/** RPCs that are left out answer UNIMPLEMENTED. */
export type HandlerTable = { readonly [N in RpcName]?: Handler<N> };
