import type { Effect, Final, FinalRun, Finding, Operation, Seen } from '../record/operation.ts';

/** What can be named at sight. The search of `linearize.ts` finds the rest, but not always the words for it. */
export function anomalies({ operations, effects }: Seen, final: Final): readonly Finding[] {
  const byId = Map.groupBy(operations, ({ workflowId }) => workflowId);
  const findings: Finding[] = [];
  for (const workflowId of new Set([...byId.keys(), ...final.keys()])) {
    const subject: Subject = { operations: byId.get(workflowId) ?? [], runs: final.get(workflowId) ?? [] };
    for (const [what, look] of Object.entries(looks)) {
      for (const text of look(subject)) findings.push({ workflowId, what: what as Finding['what'], text });
    }
  }
  return [...findings, ...effectAnomalies(effects, final)];
}

/** One workflow id. */
interface Subject {
  readonly operations: readonly Operation[];
  readonly runs: readonly FinalRun[];
}

const appending = new Set(['signal', 'signal-with-start', 'update', 'update-with-activity']);
const closing = new Set(['finish', 'terminate']);
const valuesOf = ({ runs }: Subject): readonly string[] => runs.flatMap(({ log }) => log);
const isAcked = ({ outcome }: Operation): boolean => outcome === 'ok';
const named = ({ id, kind, value }: Operation): string => `${kind} ${value} (operation ${id})`;

const looks = {
  lost: (subject) => {
    const there = new Set(valuesOf(subject));
    return subject.operations
      .filter((it) => isAcked(it) && appending.has(it.kind) && !there.has(it.value))
      .map((it) => `${named(it)} was acknowledged and is in no history`);
  },
  doubled: (subject) => {
    const updates = new Set(
      subject.operations.filter(({ kind }) => kind.startsWith('update')).map(({ value }) => value),
    );
    const twice = (values: readonly string[]): string[] => values.filter((value, at) => values.indexOf(value) !== at);
    // An update id is known within its run only.
    const values = new Set([
      ...subject.runs.flatMap(({ log }) => twice(log)),
      ...twice(valuesOf(subject)).filter((value) => !updates.has(value)),
    ]);
    return [...values].map((value) => `${value} is there more than once`);
  },
  'from nowhere': (subject) => {
    const asked = new Map(subject.operations.map((it) => [it.value, it]));
    return valuesOf(subject).flatMap((value) => {
      const operation = asked.get(value);
      if (operation === undefined) return `${value} is there, and nobody asked for it`;
      return operation.outcome === 'fail' ? `${named(operation)} was refused and is there` : [];
    });
  },
  'update result lost': ({ operations, runs }) => {
    const told = new Map(runs.flatMap((run) => Object.entries(run.updates)));
    return operations
      .filter((it) => isAcked(it) && it.kind.startsWith('update') && told.get(it.value) !== it.answer?.log?.length)
      .map((it) => `${named(it)} answered ${it.answer?.log?.length}, its history says ${told.get(it.value)}`);
  },
  'stale read': (subject) =>
    subject.operations
      .filter((it) => isAcked(it) && it.answer?.log !== undefined && it.kind !== 'result')
      .flatMap((read) => staleness(read, subject)),
  'two runs open': ({ runs }) => {
    const open = runs.filter(({ status }) => status === 'RUNNING').map(({ runId }) => runId);
    return open.length > 1 ? [`${open.join(' and ')} are both open`] : [];
  },
  'start accepted twice': ({ operations }) => {
    const starts = operations.filter((it) => it.kind === 'start' && isAcked(it));
    return starts.flatMap((first, at) =>
      starts
        .slice(at + 1)
        .filter((second) => first.answer?.runId !== second.answer?.runId && !mayHaveClosed(operations, first, second))
        .map((second) => `${named(first)} and ${named(second)}, and nothing closed the first run`),
    );
  },
  'history broken': ({ runs }) => runs.flatMap(({ runId, broken }) => broken.map((text) => `${runId}: ${text}`)),
  'unexpected error': ({ operations }) =>
    operations.filter(({ isUnexpected }) => isUnexpected).map((it) => `${named(it)}: ${it.error}`),
} satisfies Partial<Record<Finding['what'], (subject: Subject) => readonly string[]>>;

/** Values of a run that were acknowledged before the read of it was asked for, and are not in what was read. */
function staleness(read: Operation, { operations, runs }: Subject): readonly string[] {
  const run = runs.find(({ runId }) => runId === read.answer?.runId);
  // Signals after the last task of a terminated run were told to no worker.
  if (run === undefined || run.status === 'TERMINATED') return [];
  const shown = new Set(read.answer?.log);
  return operations
    .filter((it) => isAcked(it) && appending.has(it.kind) && run.log.includes(it.value))
    .filter((it) => (it.returnedMs ?? Infinity) < read.invokedMs && !shown.has(it.value))
    .map((it) => `${named(read)} does not show ${named(it)}`);
}

function mayHaveClosed(operations: readonly Operation[], first: Operation, second: Operation): boolean {
  const [from, to] = [
    Math.min(first.invokedMs, second.invokedMs),
    Math.max(first.returnedMs ?? Infinity, second.returnedMs ?? Infinity),
  ];
  return operations.some(
    (it) => closing.has(it.kind) && it.outcome !== 'fail' && it.invokedMs < to && (it.returnedMs ?? Infinity) > from,
  );
}

/** An attempt begins once, and completes once at most. */
function effectAnomalies(effects: readonly Effect[], final: Final): readonly Finding[] {
  const findings: Finding[] = [];
  const attempts = Map.groupBy(effects, (it) => `${it.runId}/${it.activityId}/${it.attempt}`);
  for (const [name, [first, ...more]] of attempts) {
    if (first === undefined || more.length === 0) continue;
    findings.push({
      workflowId: first.workflowId,
      what: 'effect doubled',
      text: `attempt ${name} (${first.value}) began ${more.length + 1} times`,
    });
  }
  const begun = new Set(effects.map(({ runId, activityId }) => `${runId}/${activityId}`));
  for (const [workflowId, runs] of final) {
    for (const { runId, completed } of runs) {
      for (const [activityId, times] of Object.entries(completed)) {
        const name = `${runId}/${activityId}`;
        if (times > 1) findings.push({ workflowId, what: 'effect doubled', text: `${name} completed ${times} times` });
        if (!begun.has(name)) {
          findings.push({ workflowId, what: 'effect from nowhere', text: `${name} completed, and no worker began it` });
        }
      }
    }
  }
  return findings;
}
