import { mkdirSync } from 'node:fs';
import { type DatabaseConfig, resolveSchemaConfig, schemaHelpText } from '@duramesh/config';
import {
  openSchemaTool,
  type SchemaState,
  type SchemaStatus,
  type SchemaTool,
  StoreFault,
} from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import { databaseSecrets } from '../database-secrets.ts';
import { fail } from '../fail.ts';
import { staying } from '../staying.ts';
import { surroundings } from '../surroundings.ts';

/** What scripts go by; told in `duramesh schema --help`. */
const UNTOLD = 1;
const MISUSED = 2;
const exitCodes: Readonly<Record<SchemaState, number>> = {
  current: 0,
  absent: 3,
  older: 4,
  partial: 4,
  newer: 5,
  damaged: 6,
  foreign: 6,
};

type Action = (tool: SchemaTool, config: DatabaseConfig) => Promise<number>;

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['status', status],
  ['version', version],
  ['setup', setup],
  ['update', update],
]);

/** `duramesh schema status|version|setup|update`. */
export async function schema([action = '', ...args]: readonly string[]): Promise<void> {
  if (action === '' || [action, ...args].some((arg) => arg === '--help' || arg === '-h')) return say(schemaHelpText());
  const run = actions.get(action);
  if (run === undefined) {
    return fail(`schema knows ${[...actions.keys()].join(', ')}, not '${action}'; see duramesh schema --help`, MISUSED);
  }
  const settings = resolveSchemaConfig(surroundings(args));
  if (!settings.ok) return fail(settings.message, MISUSED);
  const { config } = settings;
  try {
    process.exitCode = await staying(() => act(run, config));
  } catch (error) {
    if (error instanceof StoreFault) return fail(error.message, UNTOLD);
    throw error;
  }
}

async function act(run: Action, config: DatabaseConfig): Promise<number> {
  const tool = await openSchemaTool(config.databaseUrl, { clock: systemClock, secrets: databaseSecrets() });
  try {
    return await run(tool, config);
  } finally {
    await tool.close();
  }
}

async function status(tool: SchemaTool): Promise<number> {
  const found = await tool.status();
  say(`${found.state}: ${found.advice}\n`);
  return exitCodes[found.state];
}

async function version(tool: SchemaTool): Promise<number> {
  const found = await tool.status();
  say(versionLine(found));
  return exitCodes[found.state];
}

async function setup(tool: SchemaTool, { dataDirectory }: DatabaseConfig): Promise<number> {
  if (dataDirectory !== undefined) mkdirSync(dataDirectory, { recursive: true });
  return bringOn(tool, await tool.status());
}

/** A database that a typing error names is not made by an update. */
async function update(tool: SchemaTool): Promise<number> {
  const found = await tool.status();
  if (found.state === 'absent') return refuse(found);
  return bringOn(tool, found);
}

async function bringOn(tool: SchemaTool, before: SchemaStatus): Promise<number> {
  if (before.state === 'newer' || before.state === 'damaged' || before.state === 'foreign') return refuse(before);
  await tool.update((reached) => say(`schema ${reached} of ${before.target}\n`));
  const after = await tool.status();
  say(versionLine(after));
  return exitCodes[after.state];
}

function refuse({ state, advice }: SchemaStatus): number {
  process.stderr.write(`duramesh: ${advice}\n`);
  return exitCodes[state];
}

const versionLine = ({ state, version: reached, target }: SchemaStatus): string =>
  `schema ${reached} of ${target} (${state})\n`;

const say = (text: string): void => void process.stdout.write(text);
