import type { Environment, HistoryEvent, SearchAttributesCheck } from '@duramesh/engine';
import type { NamespaceRef } from '@duramesh/proto';
import { defaultSearchAttributeLimits, showSearchAttributes, validateSearchAttributes } from '@duramesh/visibility';
import { customAttributesOf } from './custom-attributes.ts';
import type { HistoryDeps } from './deps.ts';
import { workflowRulesOf } from './workflow-rules.ts';

/** What one transition may depend on beside state and command. */
export function environmentFor(
  { clock, ids, random, limits, tracer }: HistoryDeps,
  namespace: NamespaceRef | undefined,
  startedEvent: HistoryEvent | undefined,
): Environment {
  const now = clock.now();
  return {
    now,
    limits,
    newRunId: ids.uuid(),
    newRequestId: ids.uuid(),
    chance: random.next(),
    ...(tracer?.isOn && { traceparent: tracer.kept() }),
    ...(startedEvent && { startedEvent }),
    ...(namespace && ofNamespace(namespace, now)),
  };
}

function ofNamespace(namespace: NamespaceRef, nowMs: number): Partial<Environment> {
  const workflowRules = workflowRulesOf(namespace, nowMs);
  return {
    retentionMs: namespace.retentionMs,
    checkSearchAttributes: checkFor(namespace),
    ...(workflowRules && { workflowRules }),
  };
}

/** Compares what a worker sets with the namespace, and writes the types down with the values. */
const checkFor =
  (namespace: NamespaceRef): SearchAttributesCheck =>
  ({ indexedFields = {} }) => {
    const customAttributes = customAttributesOf(namespace);
    const context = { namespace: namespace.name, customAttributes, limits: defaultSearchAttributeLimits };
    const problem = validateSearchAttributes(indexedFields, context);
    if (problem !== undefined) return { problem };
    return { searchAttributes: { indexedFields: showSearchAttributes(indexedFields, customAttributes) } };
  };
