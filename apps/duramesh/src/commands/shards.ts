import { type DatabaseConfig, parseShards, resolveSchemaConfig, shardsHelpText } from '@duramesh/config';
import { changeShards, type ShardsOutcome } from '@duramesh/membership';
import { openSchemaTool, openStore, StoreFault } from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import { createLogger } from '@duramesh/telemetry';
import { databaseSecrets } from '../database-secrets.ts';
import { fail } from '../fail.ts';
import { staying } from '../staying.ts';
import { surroundings } from '../surroundings.ts';

/** What scripts go by; told in `duramesh shards --help`. */
const REFUSED = 1;
const MISUSED = 2;
const UNFINISHED = 3;

const PROGRESS_EVERY_MS = 3_000;

/** `duramesh shards set N`. */
export async function shards([action, count, ...args]: readonly string[]): Promise<void> {
  if (action === undefined || [action, count, ...args].some((arg) => arg === '--help' || arg === '-h')) {
    process.stdout.write(shardsHelpText());
    return;
  }
  if (action !== 'set') return fail(`shards knows set, not '${action}'; see duramesh shards --help`, MISUSED);
  const wanted = parseShards(count ?? '');
  if (!wanted.ok) return fail(`shards set needs ${wanted.mustBe}, not '${count ?? ''}'`, MISUSED);
  const settings = resolveSchemaConfig(surroundings(args));
  if (!settings.ok) return fail(settings.message, MISUSED);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Interrupted()));
  try {
    const outcome = await staying(() => change(settings.config, wanted.value, stop.signal));
    tell(outcome, wanted.value);
  } catch (error) {
    if (error instanceof StoreFault || error instanceof Interrupted) return fail(error.message, UNFINISHED);
    throw error;
  }
}

class Interrupted extends Error {
  override readonly message = 'interrupted: no server starts before the same command has come to its end';
}

async function change({ databaseUrl }: DatabaseConfig, wanted: number, signal: AbortSignal): Promise<ShardsOutcome> {
  const options = { clock: systemClock, secrets: databaseSecrets() };
  const tool = await openSchemaTool(databaseUrl, options);
  const { state, advice } = await tool.status().finally(() => tool.close());
  if (state !== 'current') throw new StoreFault('schema', advice);
  const logger = createLogger({ level: 'warn', format: 'text', sink: process.stderr, color: process.stderr.isTTY });
  const store = await openStore(databaseUrl, { ...options, logger });
  try {
    return await changeShards(store, { shards: wanted, signal, onProgress: progress() });
  } finally {
    await store.close();
  }
}

function progress(): (done: { readonly runs: number; readonly moved: number }) => void {
  let toldAt = performance.now();
  return ({ runs, moved }) => {
    if (performance.now() - toldAt < PROGRESS_EVERY_MS) return;
    toldAt = performance.now();
    process.stderr.write(`shards: ${runs} runs looked at, ${moved} moved so far\n`);
  };
}

function tell(outcome: ShardsOutcome, wanted: number): void {
  switch (outcome.kind) {
    case 'changed':
      process.stdout.write(
        `${outcome.from} shards are now ${wanted}: ${outcome.moved} of ${outcome.runs} runs moved\n`,
      );
      return;
    case 'same':
      process.stdout.write(`there are ${wanted} shards already\n`);
      return;
    case 'inUse': {
      const names = outcome.members.map(({ service, memberId }) => `${service} ${memberId}`).join(', ');
      return fail(
        `servers run on this database (${names}): stop them, and wait a minute after one was killed`,
        REFUSED,
      );
    }
    case 'unused':
      return fail('no server has started on this database yet: start the first one with --shards', REFUSED);
    case 'unsupported':
      return fail('the shards of this kind of database cannot be changed: each is a partition of its own', REFUSED);
  }
}
