import { type FsckConfig, resolveFsckConfig } from '@duramesh/config';
import { visibilityRow } from '@duramesh/history';
import { type Finding, type InspectionCounts, inspectStore } from '@duramesh/invariants';
import { openSchemaTool, openStore, StoreFault } from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import { createLogger } from '@duramesh/telemetry';
import { databaseSecrets } from '../database-secrets.ts';
import { fail } from '../fail.ts';
import { staying } from '../staying.ts';
import { surroundings } from '../surroundings.ts';

/** What scripts go by; told in `duramesh fsck --help`. */
const BROKEN = 1;
const MISUSED = 2;
const UNFINISHED = 3;

const PROGRESS_EVERY_MS = 3_000;

/** `duramesh fsck`: reads everything, writes nothing. */
export async function fsck(args: readonly string[]): Promise<void> {
  const settings = resolveFsckConfig(surroundings(args));
  if (!settings.ok) return fail(settings.message, MISUSED);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Interrupted()));
  try {
    process.exitCode = await staying(() => check(settings.config, stop.signal));
  } catch (error) {
    if (error instanceof StoreFault || error instanceof Interrupted || error instanceof NoSuchNamespace) {
      return fail(error.message, error instanceof NoSuchNamespace ? MISUSED : UNFINISHED);
    }
    throw error;
  }
}

class Interrupted extends Error {
  override readonly message = 'interrupted: what was not read yet is not checked';
}

class NoSuchNamespace extends Error {}

async function check(config: FsckConfig, signal: AbortSignal): Promise<number> {
  await requireSchema(config);
  const logger = createLogger({ level: 'warn', format: 'text', sink: process.stderr, color: process.stderr.isTTY });
  const store = await openStore(config.databaseUrl, { clock: systemClock, logger, secrets: databaseSecrets() });
  try {
    const names = new Map((await store.namespaces.list()).map(({ id, name }) => [id, name]));
    const startedAt = performance.now();
    const counts = await inspectStore(store, {
      clock: systemClock,
      listEntryOf: visibilityRow,
      namespaceId: namespaceIdOf(config.namespace, names),
      workflowId: config.workflowId,
      signal,
      onFinding: (finding) => say(`${placeOf(finding, names)}: ${finding.text}`),
      onProgress: progress(),
    });
    say(summary(counts, performance.now() - startedAt));
    return counts.findings > 0 ? BROKEN : 0;
  } finally {
    await store.close();
  }
}

/** A store that is opened may set itself up; a check must leave it as it is. */
async function requireSchema({ databaseUrl }: FsckConfig): Promise<void> {
  const tool = await openSchemaTool(databaseUrl, { clock: systemClock, secrets: databaseSecrets() });
  try {
    const { state, advice } = await tool.status();
    if (state !== 'current') throw new StoreFault('schema', advice);
  } finally {
    await tool.close();
  }
}

type Names = ReadonlyMap<string, string>;

function namespaceIdOf(given: string | undefined, names: Names): string | undefined {
  if (given === undefined || names.has(given)) return given;
  const [id] = [...names].find(([, name]) => name === given) ?? [];
  if (id === undefined) throw new NoSuchNamespace(`there is no namespace '${given}' in this database`);
  return id;
}

function placeOf({ key: { namespaceId, workflowId, runId }, claim }: Finding, names: Names): string {
  if (namespaceId === '') return `no run: ${claim}`;
  // What is no workflow run has its kind behind the namespace.
  const [id = '', ...kind] = namespaceId.split('/');
  return `${[names.get(id) ?? id, ...kind, workflowId, runId].join('/')}: ${claim}`;
}

function progress(): (counts: InspectionCounts) => void {
  let toldAt = performance.now();
  return ({ runs, currentRuns, findings }) => {
    if (performance.now() - toldAt < PROGRESS_EVERY_MS) return;
    toldAt = performance.now();
    process.stderr.write(`fsck: ${runs} runs and ${currentRuns} current runs so far, ${findings} findings\n`);
  };
}

function summary({ runs, events, currentRuns, findings, unsettled }: InspectionCounts, tookMs: number): string {
  const found = findings === 0 ? 'clean' : `${findings} findings`;
  const read = `${runs} runs, ${events} events, ${currentRuns} current runs`;
  const rest = unsettled === 0 ? '' : `; ${unsettled} runs were written whenever they were read, and are not judged`;
  return `${found}: ${read} in ${(tookMs / 1000).toFixed(1)} s${rest}`;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
