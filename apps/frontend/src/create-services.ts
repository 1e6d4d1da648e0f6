import { createClient } from '@duramesh/bus';
import { historyContract, matchingContract } from '@duramesh/contracts';
import { defaultLimits } from './limits.ts';
import { NamespaceRegistry } from './namespaces/namespace-registry.ts';
import type { FrontendServices } from './rpc/handler.ts';
import type { FrontendDeps } from './frontend-deps.ts';

/** Puts together what handlers are made with. */
export function createServices(deps: FrontendDeps, stopping: AbortSignal): FrontendServices {
  const { bus, store, facts, limits, clock, random, metrics, logger } = deps;
  const client = { clock, random, metrics, caller: 'frontend' };
  return {
    ...deps,
    limits: { ...defaultLimits, ...limits },
    namespaces: new NamespaceRegistry({ store: store.namespaces, clock, logger }),
    history: createClient(bus, historyContract, { ...client, partitions: facts.historyShards }),
    matching: createClient(bus, matchingContract, { ...client, partitions: facts.matchingSlots }),
    longPollSliceMs: bus.longPollSliceMs,
    stopping,
  };
}
