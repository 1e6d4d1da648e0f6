import { assert } from '@duramesh/runtime';
import { publicCodec } from '@duramesh/proto';
import type { ActivityScenario } from './activity-scenario.fixture.ts';
import { comparable } from './comparable.ts';
import type { HistoryEvent } from './events.ts';
import { isReapplied } from './reapply.ts';
import { rebuild } from './rebuild.ts';
import { type Reset, type ResetOutcome, resetRun } from './reset.ts';
import { absorb, type ExecutionState } from './state.ts';

const codec = publicCodec<{ readonly events?: readonly HistoryEvent[] }>('temporal.api.history.v1.History');
export const NEW_RUN = '00000000-0000-4000-8000-00000000beef';
const IDS = { namespaceId: 'ns-id', workflowId: 'wf', runId: NEW_RUN };

/** What a reset with this finish id comes to. */
export function tryReset(run: ActivityScenario, finishEventId: number, more: Partial<Reset> = {}): ResetOutcome {
  const { events, state, now, limits } = run;
  const later = events
    .slice(finishEventId - 1)
    .filter((event) => isReapplied(event, { excluded: new Set(), isOfBase: true }));
  return resetRun(
    rebuild(IDS, events.slice(0, finishEventId - 1)),
    {
      base: state.info,
      requestId: 'reset',
      reason: 'again',
      copiedSizeBytes: 1_000,
      reapplied: later,
      operations: [],
      ...more,
    },
    { now, limits, newRunId: NEW_RUN, chance: 0 },
  );
}

/** The scenario goes on with the new run. */
export function reset(run: ActivityScenario, finishEventId: number, more: Partial<Reset> = {}): ExecutionState {
  const outcome = tryReset(run, finishEventId, more);
  assert(outcome.kind === 'reset', JSON.stringify(outcome));
  const { change } = outcome;
  const base = run.state;
  run.events.splice(finishEventId - 1);
  for (const { data } of change.batches) run.events.push(...(codec.decode(data).events ?? []));
  run.state = absorb(change.base, change.diff);
  run.tasks.splice(0, run.tasks.length, ...change.tasks);
  run.wakeAtMs = change.wakeAtMs;
  const told = [rebuild(IDS, run.events), run.state].map((state) => JSON.stringify(comparable(state)));
  assert(told[0] === told[1], `the state is what its history says: ${told.join(' and ')}`);
  return base;
}
