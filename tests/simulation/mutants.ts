/** A bug to be planted: one text of one source file is replaced by another. */
export interface Mutant {
  readonly name: string;
  /** Path of the file. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** First of the seeds that must find it; 1 unless told. Bugs that take rare faults are looked for where those come. */
  readonly from?: number;
}

/** Bugs the simulation must find. One that survives means that a promise is not checked any more. */
export const mutants: readonly Mutant[] = [
  {
    name: 'reply before commit',
    file: 'apps/history/src/shard/owner.ts',
    find: 'const result = await this.#transactions.timed(this.#store.commit({ lease, runs, current: plan.current }));',
    replace: `void this.#store.commit({ lease, runs, current: plan.current });
      const result: string = 'committed';`,
  },
  {
    name: 'unknown taken for committed',
    file: 'apps/history/src/shard/owner.ts',
    find: 'const result = await this.#transactions.timed(this.#store.commit({ lease, runs, current: plan.current }));',
    replace: `const said = await this.#store.commit({ lease, runs, current: plan.current });
      const result = said === 'unknown' ? 'committed' : said;`,
  },
  {
    // Each of the two covers for the other: a former owner's late write is stopped by either.
    name: 'no fencing and no version check',
    file: 'libs/persistence/src/memory/execution-store.ts',
    find: `    if (this.#database.isFenced(write.lease)) return 'fenced';
    for (const run of write.runs) {
      if (run.visibility) checkVisibility(run.visibility);
      const version = this.#database.runs.get(runName(run.key))?.version ?? 0;
      if (version !== run.expectedVersion) return 'conflict';
    }`,
    replace: '',
  },
  {
    name: 'a lost owner answers from memory',
    from: 281,
    file: 'apps/history/src/shard/shards.ts',
    find: 'if (await this.#check.isInForce(lease)) return true;',
    replace: 'return true;',
  },
  {
    name: 'what an unknown commit started is not followed up',
    file: 'apps/history/src/shard/owner.ts',
    find: 'for (const { key: doubtful } of runs) this.#onDoubt(doubtful);',
    replace: '',
  },
  {
    name: 'timer fired twice',
    file: 'libs/engine/src/workflow/events/timer.ts',
    find: `  TimerFired: {
    // At once, also while the event waits in the buffer: a timer looked at again must not fire twice.
    apply(draft, attributes) {`,
    replace: `  TimerFired: {
    numbered(draft, attributes) {`,
  },
  {
    name: 'time skipped while a worker is awaited',
    file: 'libs/engine/src/workflow/time-skipping.ts',
    find: 'if (info.status === STATUS_PAUSED || info.workflowTask !== undefined) return false;',
    replace: 'if (info.status === STATUS_PAUSED) return false;',
  },
  {
    name: 'buffered event lost',
    file: 'libs/engine/src/workflow/draft.ts',
    find: 'for (const event of [...first, ...last]) {',
    replace: 'for (const event of [...first, ...last].slice(0, 1)) {',
  },
  {
    name: 'poll answered twice',
    file: 'libs/engine/src/workflow/commands/start-workflow-task.ts',
    find: 'if (task.requestId !== requestId) return refused(obsolete);',
    replace: '',
  },
  {
    name: 'signal not remembered by its request',
    file: 'libs/engine/src/workflow/commands/signal-workflow.ts',
    find: 'if (draft.requestIds.get(command.requestId)?.eventType === EVENT_TYPES.WorkflowExecutionSignaled) return noop({});',
    replace: 'if (EVENT_TYPES.WorkflowExecutionSignaled === 0) return noop({});',
  },
  {
    name: 'update answered before it is durable',
    from: 541,
    file: 'apps/history/src/shard/owner.ts',
    find: 'const result = await this.#transactions.timed(this.#store.commit({ lease, runs, current: plan.current }));',
    replace: `for (const { change, run } of plan.changes) {
      if (run) for (const listener of this.#changeListeners) listener(run, { ...change, tasks: [] });
    }
    const result = await this.#transactions.timed(this.#store.commit({ lease, runs, current: plan.current }));`,
  },
  {
    name: 'update not remembered by its id',
    file: 'libs/engine/src/workflow/commands/admit-update.ts',
    find: 'if (known) return noop(known);',
    replace: "if (known?.kind === 'admitted') return noop(known);",
  },
  {
    name: 'child asked for by another request each time',
    from: 131,
    file: 'apps/history/src/actions/start-child.ts',
    find: 'requestId: derivedUuid(originRunId || runId, initiatedEventId),',
    replace: 'requestId: derivedUuid(runId, Math.floor(performance.now() * 1000)),',
  },
  {
    name: 'child runs before its parent has recorded it',
    from: 21,
    file: 'libs/engine/src/workflow/commands/start-workflow.ts',
    find: 'if (command.parentage) awaitParent(draft);\n  if (command.parentage || backoffMs > 0)',
    replace: 'if (backoffMs > 0)',
  },
  {
    name: 'child of a parent that has closed meanwhile is left alone',
    from: 211,
    file: 'libs/engine/src/workflow/awaited-parent.ts',
    find: "draft.tasks.push({ type: 'AskParent' });",
    replace: '',
  },
  {
    name: 'work for others that a closed run has left is not found',
    from: 191,
    file: 'libs/engine/src/workflow/outstanding.ts',
    find: 'return summary.childrenLeft > 0 || reportsToParent(info) || info.deleteRequested;',
    replace: 'return false;',
  },
  {
    name: 'signal to another workflow taken for delivered when it is sent',
    file: 'apps/history/src/actions/signal-external.ts',
    find: 'const sent = await answered(history.signalWorkflow(call), [GrpcCode.NOT_FOUND, GrpcCode.INVALID_ARGUMENT]);',
    replace: `void history.signalWorkflow(call).catch(() => undefined);
  const sent = { kind: 'done', code: 0 } as { kind: string; code: number };`,
  },
  {
    name: 'a reset leaves the run open that it takes the place of',
    file: 'libs/engine/src/workflow/commands/leave-to-reset.ts',
    find: 'if (!draft.isOpen) return accepted({});',
    replace: 'if (info.resetRunId !== "" || !draft.isOpen) return accepted({});',
  },
  {
    name: 'a reset is not remembered',
    from: 21,
    file: 'apps/history/src/handlers/reset-workflow.ts',
    find: "if (known !== undefined) return { kind: 'answer', result: known };",
    replace: '',
  },
  {
    name: 'a copied history is not removed when its run does not come',
    file: 'apps/history/src/shard/owner.ts',
    find: "return (await this.#store.deleteRun(lease, key)) === 'committed';",
    replace: 'return lease !== undefined;',
  },
  {
    name: 'offered task forgotten when its poller goes away',
    file: 'apps/matching/src/task-queue/matcher.ts',
    find: `    this.#deps.measured.offerExpired(this.#deps.queue.type);
    this.giveBack(task);`,
    replace: `    this.#deps.measured.offerExpired(this.#deps.queue.type);
    this.finish(task, DROPPED);`,
  },
  {
    name: 'forwarded task forgotten when nobody at the root takes it',
    file: 'apps/matching/src/task-queue/forwarder.ts',
    find: 'if (reply.outcome === RETURNED) this.#deps.onBack(task);',
    replace: 'if (reply.outcome === RETURNED) this.#deps.onOver(task, 1);',
  },
  {
    name: 'that a run is to be deleted is not noted',
    from: 21,
    file: 'libs/engine/src/workflow/commands/delete-workflow.ts',
    find: 'draft.info.deleteRequested = true;',
    replace: '',
  },
  {
    name: 'pause of an activity forgotten when it is tried again',
    from: 81,
    file: 'libs/engine/src/workflow/activity-attempt.ts',
    find: 'draft.activities.set(scheduledEventId, { ...withoutAttempt(draft, activity, failure), pause });',
    replace:
      'draft.activities.set(scheduledEventId, { ...withoutAttempt(draft, activity, failure), pause: undefined });',
  },
  {
    name: 'pause of an activity forgotten when it is reset',
    from: 21,
    file: 'libs/engine/src/workflow/commands/reset-activity.ts',
    find: 'pause: keepPaused ? activity.pause : undefined,',
    replace: 'pause: undefined,',
  },
  {
    name: 'nobody looks whether a run is paused',
    file: 'libs/engine/src/workflow/paused.ts',
    find: '=> status === STATUS_PAUSED;',
    replace: '=> status === STATUS_PAUSED && status !== 8;',
  },
  {
    name: 'query answered from a stale state',
    from: 31,
    file: 'apps/history/src/queries/query-workflow.ts',
    find: 'info.previousStartedEventId > 0 && (closed || info.workflowTask === undefined);',
    replace: 'info.previousStartedEventId > 0;',
  },
  {
    name: 'a terminated run leaves its children alone',
    from: 571,
    file: 'libs/engine/src/workflow/terminate.ts',
    find: "draft.emit('WorkflowExecutionTerminated', attributes, envelope);",
    replace: `draft.emit('WorkflowExecutionTerminated', attributes, envelope);
  draft.children.forEach((child) =>
    draft.children.set(child.initiatedEventId, { ...child, confirmed: true, policyApplied: true }),
  );`,
  },
  {
    name: 'lists show a run as it was when its status changed',
    file: 'libs/persistence/src/memory/execution-store.ts',
    find: `    if (run.visibility) {
      row.visibility =`,
    replace: `    if (run.visibility && run.visibility.status !== row.visibility?.status) {
      row.visibility =`,
  },
  {
    name: 'continued with the memo of nobody',
    file: 'libs/engine/src/workflow/chain.ts',
    find: 'const { workflowType, taskQueue, input, header, memo, searchAttributes } = continued;',
    replace:
      'const { workflowType, taskQueue, input, header, memo, searchAttributes } = { ...continued, memo: undefined };',
  },
  {
    name: 'retried for ever',
    file: 'libs/engine/src/workflow/chain.ts',
    find: `attempt: info.attempt + 1,
      ...asBegun(draft),`,
    replace: `attempt: info.attempt,
      ...asBegun(draft),`,
  },
  {
    name: 'a late answer ends the attempt that runs now',
    file: 'libs/engine/src/workflow/activity-attempt.ts',
    find: `activity.attempt !== held.attempt) return refused(notFound);
  return activity.startVersion === held.startVersion ? { kind: 'held', activity } : refused(notFound);`,
    replace: `draft.now === 0) return refused(notFound);
  return { kind: 'held', activity };`,
  },
  {
    name: 'children that a reset has taken over are not asked for their end',
    from: 21,
    file: 'libs/engine/src/workflow/child-work.ts',
    find: "isStarted(child) && child.originRunId !== '' && !child.endAsked;",
    replace: "isStarted(child) && child.originRunId === 'nobody';",
  },
  {
    name: 'a member that was gone is never taken back',
    file: 'libs/membership/src/peers/peer.ts',
    find: '    this.#isGone = false;\n',
    replace: '',
  },
  {
    name: 'members do not leave each other their share',
    file: 'libs/membership/src/partition-controller.ts',
    find: 'this.#isOurs = (partition) => ownerOf(partition) === member.memberId;',
    replace: 'this.#isOurs = (partition) => ownerOf(partition) !== "" || member.memberId === "";',
  },
  {
    name: 'a partition that could not be had is not asked for again',
    file: 'libs/membership/src/partition-controller.ts',
    find: 'for (const partition of partitions.slice(at)) this.#rest(partition, RETRY_MS);',
    replace: 'for (const partition of partitions.slice(at)) if (partition < 0) this.#rest(partition, RETRY_MS);',
  },
];
