import { createClient } from '@duramesh/bus';
import { historyContract, matchingContract, onePartition } from '@duramesh/contracts';
import { noTracer } from '@duramesh/runtime';
import { defaultLimits } from './limits.ts';
import { NamespaceRegistry } from './namespaces/namespace-registry.ts';
import { OfferAnswers } from './poll/offer-answers.ts';
import { pollErrors } from './poll/long-poll.ts';
import { OutstandingPolls } from './poll/outstanding-polls.ts';
import type { FrontendServices } from './rpc/handler.ts';
import type { FrontendDeps } from './frontend-deps.ts';

/** Puts together what handlers are made with. */
export function createServices(deps: FrontendDeps, stopping: AbortSignal): FrontendServices {
  const { bus, store, facts, clock, random, metrics, logger, partitionsOf = onePartition, tracer = noTracer } = deps;
  const limits = { ...defaultLimits, ...deps.limits };
  const client = { clock, random, metrics, tracer, caller: 'frontend' };
  const matching = createClient(bus, matchingContract, { ...client, partitions: facts.matchingSlots });
  return {
    ...deps,
    limits,
    partitionsOf,
    tracer,
    polls: new OutstandingPolls({ partitionsOf, perNamespace: limits.pollsPerNamespace, random, stopping }),
    namespaces: new NamespaceRegistry({ store: store.namespaces, clock, logger }),
    history: createClient(bus, historyContract, { ...client, partitions: facts.historyShards }),
    matching,
    offerAnswers: new OfferAnswers({ matching, clock, errors: pollErrors(metrics) }),
    longPollSliceMs: bus.longPollSliceMs,
    stopping,
  };
}
