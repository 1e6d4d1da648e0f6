import type { Final, FinalRun, Finding, Operation, Seen } from '../record/operation.ts';
import { anomalies } from './anomalies.ts';
import { linearize } from './linearize.ts';
import { RegisterModel, type TimedOperation } from './register.ts';

const reading = new Set(['query', 'describe', 'result', 'list']);
const SHOWN_OPERATIONS = 6;

/** Holds what was seen against what is there: nothing acknowledged is lost, nothing is there twice, and an order explains every answer. */
export function check(seen: Seen, final: Final): readonly Finding[] {
  const findings = [...anomalies(seen, final)];
  const byId = Map.groupBy(seen.operations, ({ workflowId }) => workflowId);
  for (const workflowId of new Set([...byId.keys(), ...final.keys()])) {
    findings.push(...checkOrder(byId.get(workflowId) ?? [], { workflowId, runs: final.get(workflowId) ?? [] }));
  }
  return findings;
}

interface Ending {
  readonly workflowId: string;
  readonly runs: readonly FinalRun[];
}

function checkOrder(operations: readonly Operation[], { workflowId, runs }: Ending): readonly Finding[] {
  const verdict = linearize(operations.flatMap(timed), new RegisterModel(runs));
  if (verdict.kind === 'linearizable') return [];
  if (verdict.kind === 'undecided') return [{ workflowId, what: 'undecided', text: `after ${verdict.tried} states` }];
  const { longest, state } = verdict;
  const placed = new Set(longest.map(({ id }) => id));
  const left = operations.filter(({ id, outcome }) => !placed.has(id) && (outcome === 'ok' || outcome === 'fail'));
  const text =
    `${placed.size} of ${operations.length} operations fall into an order, which ends with ` +
    `${longest.slice(-SHOWN_OPERATIONS).map(shown).join(', ')} at ${JSON.stringify(state)}; ` +
    `none of these can follow: ${left.slice(0, SHOWN_OPERATIONS).map(shown).join(', ') || 'the end of its histories'}`;
  return [{ workflowId, what: 'no order', text }];
}

const shown = ({ id, kind, value, outcome }: Operation): string => `${kind} ${value} (${id}, ${outcome})`;

/**
 * An update id is known within its run: when the answer of a run that it has ended is lost, it is asked of the run that
 * follows. So it may have taken effect in an earlier run, too.
 */
const updating = new Set(['update', 'update-with-activity', 'finish']);

/** What nobody has seen may have happened, at any time after it was asked for; a read that nobody has seen is nothing. */
function timed(operation: Operation): readonly TimedOperation[] {
  const { outcome, kind, invokedMs, returnedMs = Infinity } = operation;
  const isSeen = outcome === 'ok' || outcome === 'fail';
  if (!isSeen && reading.has(kind)) return [];
  const returnedAt = outcome === 'unknown' ? Infinity : returnedMs;
  const once = { ...operation, calledAt: invokedMs, returnedAt, isOptional: !isSeen };
  if (!updating.has(kind)) return [once];
  const { answer: _, ...unanswered } = once;
  return [once, { ...unanswered, outcome: 'unknown', isOptional: true }];
}
