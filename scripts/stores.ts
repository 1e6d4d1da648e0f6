// npm run stores [-- NAME ...] [--long] [--only TEXT]: one database after the other (all that there are, unless named), and on each of them
// the SDK suite, the recordings, and the crashes, pauses and mistakes of tests/stores; then a table.
// --long is the form that takes minutes for each. --only keeps the columns whose name contains the text.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createWithSchema, type DatabaseName, databaseNames, startDatabase } from '../tests/support/databases.ts';
import { seconds } from './test/output.ts';

const root = path.join(import.meta.dirname, '..');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { long: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
});

interface Column {
  readonly name: string;
  run(database: DatabaseName): Promise<string>;
}

/** Runs a program to its end; what it prints is shown as it comes. @returns what it printed */
async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    process.stdout.write(chunk);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, text };
}

let failures = 0;

function testColumn(name: string, globs: readonly string[]): Column {
  return {
    name,
    async run(database) {
      const files = globSync(globs, { cwd: root }).sort();
      const env = { DURAMESH_TEST_DB: database, DURAMESH_STORES_FORM: values.long ? 'long' : 'short' };
      const { code, text } = await run(['--test', '--test-concurrency=1', ...files], env);
      if (code !== 0) failures += 1;
      const count = (what: string): number => Number(new RegExp(`^ℹ ${what} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
      return `${count('pass')}/${count('tests')}${count('skipped') > 0 ? `, ${count('skipped')} skipped` : ''}`;
    },
  };
}

const recordings: Column = {
  name: 'recordings',
  async run(name) {
    const database = await startDatabase(name);
    try {
      const url = await createWithSchema(database);
      const { code, text } = await run(['scripts/recordings.ts', '--passing', '--db', url], {});
      if (code !== 0) failures += 1;
      const [, passed, all, late] = /(\d+) of (\d+) pass, (\d+) of them late/.exec(text) ?? [];
      return passed === undefined ? 'not at hand' : `${passed}/${all}${late === '0' ? '' : `, ${late} late`}`;
    } finally {
      await database.stop();
    }
  },
};

const columns: readonly Column[] = [
  testColumn('kill -9', ['tests/stores/kill.test.ts']),
  testColumn('pause', ['tests/stores/pause.test.ts']),
  testColumn('lists', ['tests/stores/lists.test.ts']),
  testColumn('bad input', ['tests/stores/server-bad-input.test.ts']),
  testColumn('SDK, one process', ['tests/sdk/one-process.test.ts']),
  testColumn('SDK, four processes', ['tests/sdk/four-processes.test.ts']),
  recordings,
].filter(({ name }) => name.includes(values.only));

const chosen = positionals.map((name) => {
  const known = databaseNames.find((it) => it === name);
  if (known === undefined) throw new Error(`no database is called '${name}'; there are ${databaseNames.join(', ')}`);
  return known;
});

const rows: string[][] = [['', ...columns.map(({ name }) => name)]];
for (const database of chosen.length > 0 ? chosen : databaseNames) {
  const row: string[] = [database];
  rows.push(row);
  for (const column of columns) {
    const startedAt = performance.now();
    console.log(`\n▶ ${database}: ${column.name}`);
    const outcome = await column.run(database);
    row.push(`${outcome} in ${seconds(performance.now() - startedAt)}`);
  }
}
const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
console.log(`\n${rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')).join('\n')}`);
process.exitCode = failures > 0 ? 1 : 0;
