import { clusterSettings } from './cluster.ts';
import { fsckSettings, schemaSettings } from './database.ts';
import { limitSpecs } from './limits.ts';
import { type AnySettings, groups, type Setting } from './setting.ts';
import { settings } from './settings.ts';

const WIDTH = 96;
const INDENT = 30;

/** The text of `duramesh --help`. */
export const helpText = (): string =>
  textOf(settings, [
    'duramesh: a durable-execution server that speaks the Temporal API.',
    '',
    'Usage:',
    '  duramesh start [flags]    run the server',
    '  duramesh schema ...       look at and change the schema of a database; see schema --help',
    '  duramesh fsck [flags]     check what a database keeps; see fsck --help',
    '  duramesh shards set N     change the number of shards while no server runs; see shards --help',
    '  duramesh cluster ...      ask a running cluster how it is, and why a workflow waits; see cluster --help',
    '  duramesh limits           list the limits that --limit can move',
    '  duramesh --version        print the version',
    '  duramesh --help           print this',
  ]);

/** The text of `duramesh schema --help`. */
export const schemaHelpText = (): string =>
  textOf(schemaSettings, [
    'duramesh schema: what a server needs in its database before it starts. SQLite needs none of it:',
    'a server sets its file up by itself.',
    '',
    'Usage:',
    '  duramesh schema status [flags]     one line: how the schema stands, and what to do about it',
    '  duramesh schema version [flags]    one line: schema 2 of 2 (current)',
    '  duramesh schema setup [flags]      make the database or keyspace, where the rights suffice, and the schema',
    '  duramesh schema update [flags]     bring an older or half updated schema on, a line for each step;',
    '                                     servers may run meanwhile, and it may be repeated',
    '',
    'Exit codes:',
    '  0    the schema is current',
    '  1    it cannot be told: the database is away, or refuses to let us in',
    '  2    the flags make no sense',
    '  3    there is no schema: set it up',
    '  4    an update is due, or was interrupted: update',
    '  5    a newer server has updated it: start that one',
    '  6    it is damaged, or belongs to another program',
  ]);

/** The text of `duramesh shards --help`. */
export const shardsHelpText = (): string =>
  textOf(schemaSettings, [
    'duramesh shards: changes how many shards the history has. No server may run meanwhile. Every run is put',
    'where its workflow id now belongs, and nothing else of it is touched. When it was cut short, no server',
    'starts until it has been run again, with the same or another number.',
    '',
    'Usage:',
    '  duramesh shards set N [flags]',
    '',
    'Exit codes:',
    '  0    there are N shards',
    '  1    refused, and nothing was changed: servers run, or the database cannot do it',
    '  2    the flags make no sense',
    '  3    it could not be finished: the database is away, or has no current schema',
  ]);

/** The text of `duramesh fsck --help`. */
export const fsckHelpText = (): string =>
  textOf(fsckSettings, [
    'duramesh fsck: reads every run of a database and checks that its state is what its history says, that',
    'its work will be found, that lists show it as it is, and that nothing is missing or left over.',
    'It changes nothing, and servers may run meanwhile: what it finds it reads twice before it tells.',
    '',
    'Usage:',
    '  duramesh fsck [flags]',
    '',
    'Findings and a summary go to the standard output, progress to the standard error.',
    '',
    'Exit codes:',
    '  0    nothing is broken',
    '  1    something is broken: one line each',
    '  2    the flags make no sense',
    '  3    it could not be finished: the database is away, refuses, or has no current schema',
  ]);

/** The text of `duramesh cluster --help`. */
export const clusterHelpText = (): string =>
  textOf(clusterSettings, [
    'duramesh cluster: what a running cluster says of itself. One process that can be reached is enough: it asks the others.',
    '',
    'Usage:',
    '  duramesh cluster members [flags]      who there is, and what of the cluster each has',
    '  duramesh cluster health [flags]       whether each can serve: store, bus, membership, event loop',
    '  duramesh cluster shards [flags]       leases of history shards, the busiest first, and how far queues are behind',
    '  duramesh cluster queues [flags]       task queues in use: backlog, its age, who polls',
    '  duramesh cluster explain ID [flags]   why a workflow has not come further, and what to do about it',
    '',
    'Exit codes:',
    '  0    told',
    '  1    nobody answers at the address',
    '  2    the flags make no sense',
    '  3    health: some process cannot serve, or does not answer',
    '  4    explain: there is no such workflow',
  ]);

function textOf(table: AnySettings, head: readonly string[]): string {
  const lines = [...head];
  for (const group of groups) {
    const own = Object.values(table).filter((setting) => setting.group === group);
    if (own.length > 0) lines.push('', `${group}:`, ...own.flatMap(settingLines));
  }
  lines.push(
    '',
    'Every flag is also a variable, DURAMESH_DB for --db, and a key of the',
    'config file. A flag wins over a variable, a variable over the file.',
  );
  const flagOnly = Object.values(table).filter(({ isFlagOnly }) => isFlagOnly);
  if (flagOnly.length > 0) lines.push(`Flags only: ${flagOnly.map(({ flag }) => `--${flag}`).join(', ')}.`);
  return `${lines.join('\n')}\n`;
}

function settingLines({ flag, placeholder, help, defaultHelp }: Setting<unknown>): readonly string[] {
  const head = `  --${flag} ${placeholder}`;
  const words = `${help}${defaultHelp === '' ? '' : ` [${defaultHelp}]`}`.split(' ');
  const wrapped = wrap(words, WIDTH - INDENT);
  const [first = '', ...rest] = wrapped;
  const tail = rest.map((line) => ' '.repeat(INDENT) + line);
  return head.length < INDENT ? [head.padEnd(INDENT) + first, ...tail] : [head, ' '.repeat(INDENT) + first, ...tail];
}

function wrap(words: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** The text of `duramesh limits`. */
export function limitsText(): string {
  const rows = Object.values(limitSpecs).map(({ key, unit, initial }) => `  ${key.padEnd(46)}${shown(unit, initial)}`);
  return `Limits and their defaults, moved with --limit KEY=VALUE:\n${rows.sort().join('\n')}\n`;
}

function shown(unit: string, value: number): string {
  if (unit === 'switch') return String(value === 1);
  if (unit === 'ms') return value % 60_000 === 0 ? `${value / 60_000}m` : `${value / 1000}s`;
  if (unit !== 'bytes') return String(value);
  if (value % 1024 ** 2 === 0) return `${value / 1024 ** 2}MiB`;
  return value % 1024 === 0 ? `${value / 1024}KiB` : `${value}B`;
}
