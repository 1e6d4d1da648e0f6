import { type CommandName, type CommandRequest, type Refusal, type ReplyOf, transition } from '@duramesh/engine';
import { AssertionError } from '@duramesh/runtime';
import { toServiceError } from '../refusals.ts';
import type { Plan, WorkflowView } from './owner.ts';
import type { CachedRun } from './run-cache.ts';

/** What one command came to. */
export interface Executed<N extends CommandName> {
  readonly reply: ReplyOf<N>;
  readonly run: CachedRun;
  /** Something else was written than what was asked for, and this is why. */
  readonly refusal: Refusal | undefined;
}

/**
 * Decides one command of one run, and begins the next run of its chain with it.
 * @throws ServiceError what the engine refused
 */
export async function step<N extends CommandName>(
  view: WorkflowView,
  run: CachedRun,
  request: CommandRequest<N>,
): Promise<Plan<Executed<N>>> {
  let outcome = transition(run.state, request, view.environment());
  if (outcome.kind === 'needsStartedEvent') {
    outcome = transition(run.state, request, view.environment(await view.startedEvent(run)));
  }
  switch (outcome.kind) {
    case 'refused': {
      const { refusal, change } = outcome;
      if (!change) throw toServiceError(refusal);
      return { kind: 'inMemory', change, run, result: { kind: 'refused', error: toServiceError(refusal) } };
    }
    case 'inMemory': {
      const result = { reply: outcome.reply, run, refusal: undefined };
      return { kind: 'inMemory', change: outcome.change, run, result: { kind: 'answer', result } };
    }
    case 'noop':
      return { kind: 'answer', result: { reply: outcome.reply, run, refusal: undefined } };
    case 'needsStartedEvent':
      throw new AssertionError(`${request.name} asked for the started event twice`);
    case 'committed': {
      const { change, next, reply, refusal } = outcome;
      const result = { reply, run, refusal };
      if (!next) return { kind: 'write', changes: [{ change, run }], current: undefined, result };
      const { namespaceId, workflowId, runId } = run.key;
      const isCurrent = (await view.currentRunId()) === runId;
      const current = { namespaceId, workflowId, expectedRunId: runId, runId: next.diff.info.runId };
      const changes = [
        { change, run },
        { change: next, run: undefined },
      ];
      return { kind: 'write', changes, current: isCurrent ? current : undefined, result };
    }
  }
}
