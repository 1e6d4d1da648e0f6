import { accepted, type CommandOf, inMemory, noop, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { refusal } from '../refusal.ts';
import { movesTo } from '../effective-version.ts';
import { beginTransition } from '../run-versioning.ts';
import { beginWorkflowTask, makeNormal, startedWorkflowTask } from '../workflow-task.ts';
import { BEHAVIOR, isSameVersion, type Version } from '../../worker-deployment/versions.ts';

const obsolete = refusal('Obsolete', 'Workflow task not found.');

/**
 * A worker takes the workflow task. The same request may ask again, because its answer may have been lost; anybody else
 * is too late. @see spec-history 2.3
 */
export function startWorkflowTask(
  draft: Draft,
  command: CommandOf<'StartWorkflowTask'>,
): Verdict<ReplyOf<'StartWorkflowTask'>> {
  const { info } = draft;
  const task = info.workflowTask;
  const { requestId, identity, polledSticky, polledQueue } = command;
  if (!draft.isOpen || !task) return refused(obsolete);
  if (task.startedEventId > 0) {
    if (task.requestId !== requestId) return refused(obsolete);
    return noop(startedWorkflowTask(draft, { sticky: polledSticky, toldAgain: true }));
  }
  const { scheduledEventId, attempt, stamp } = command;
  if (task.scheduledEventId !== scheduledEventId || task.attempt !== attempt || task.stamp !== stamp) {
    return refused(obsolete);
  }
  if (polledSticky && info.sticky?.name !== polledQueue) return refused(obsolete);
  // The worker that had the run in its cache is not the one that goes on with it.
  if (!polledSticky) info.sticky = undefined;
  const changesVersion = movesTo(info, command.worker);
  if (changesVersion) {
    // That lasts, and so does the task by which it comes.
    if (task.speculative) makeNormal(draft);
    beginTransition(draft, command.worker);
  }
  const started = beginWorkflowTask(draft, {
    requestId,
    identity,
    sticky: polledSticky,
    targetChanged: isPinnedElsewhere(draft, command.target),
  });
  return task.speculative && !changesVersion ? inMemory(started) : accepted(started);
}

/** The run stays with its version although its queue goes on to another one: its worker may want to know. */
function isPinnedElsewhere({ info }: Draft, target: Version | undefined): boolean {
  if (!target) return false;
  const { versioning, versioningOverride } = info;
  const isPinned = versioning?.behavior === BEHAVIOR.pinned && !versioningOverride;
  return isPinned && !isSameVersion(versioning.version, target);
}
