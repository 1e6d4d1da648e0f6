// npm run recordings [-- --only TEXT] [--match REGEX] [--passing] [--diff N] [--address HOST:PORT] [--db URL]: starts a
// server and compares its answers with recordings of the reference, which lie beside this repository. Those that do not
// pass yet are committed by name, and the list only gets shorter; --passing leaves them out. With --only or --match nothing
// is compared with the list.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startServer } from '../tests/support/server-process.ts';

const root = path.join(import.meta.dirname, '..');
const runner = path.join(root, '..', 'shared', 'conformance', 'run.mjs');
const ratchetName = 'tests/conformance/recordings.json';
const ratchetFile = path.join(root, ratchetName);

const RUN_LIMIT_MS = 12 * 60_000;

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** The titles of those that failed. */
  readonly failures: readonly string[];
}

/** The outcome, and what the runner printed: for each failure its title and the first differences, indented. */
interface Report extends Outcome {
  readonly text: string;
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    match: { type: 'string' },
    passing: { type: 'boolean', default: false },
    db: { type: 'string' },
    diff: { type: 'string' },
    address: { type: 'string' },
    jobs: { type: 'string' },
  },
});

interface Selection {
  readonly only?: string | undefined;
  readonly match?: string | undefined;
}

/** Runs the selected recordings against the server at `address`. */
async function run(address: string, { only, match }: Selection): Promise<Report> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'duramesh-outcome-'));
  const report = path.join(folder, 'outcome.json');
  const options = [
    only !== undefined && ['--only', only],
    match !== undefined && ['--match', match],
    ['--diff', values.diff ?? '12'],
    values.jobs !== undefined && ['--jobs', values.jobs],
  ];
  const args = [runner, '--address', address, '--json', report, ...options.filter((option) => option !== false).flat()];
  // A file and not a pipe: the runner ends itself, and what it had not written to a pipe by then would be lost.
  const printed = path.join(folder, 'printed.txt');
  const output = openSync(printed, 'w');
  try {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', output, 'inherit'],
      timeout: RUN_LIMIT_MS,
    });
    await once(child, 'exit');
    const text = readFileSync(printed, 'utf8');
    if (!existsSync(report))
      throw new Error(
        `the recordings did not come to an end (${child.signalCode ?? child.exitCode})\n${text.slice(-2000)}`,
      );
    return { ...(JSON.parse(readFileSync(report, 'utf8')) as Outcome), text };
  } finally {
    closeSync(output);
    rmSync(folder, { recursive: true });
  }
}

/** The lines that count each area, or everything the runner printed. */
function print({ text }: Report, everything: boolean): void {
  const lines = text.split('\n').filter((line) => everything || /^[\w-]+ +\d+\/\d+$/.test(line));
  console.log(lines.join('\n').trimEnd());
}

/** What the runner printed of one failure. */
function differencesOf({ text }: Report, title: string): string {
  const lines = text.split('\n');
  const start = lines.indexOf(`✗ ${title}`);
  const length = lines.slice(start + 1).findIndex((line) => !line.startsWith('    '));
  return lines.slice(start, start + 1 + length).join('\n');
}

const literally = (title: string): string => title.replaceAll(/[^\w ]/g, String.raw`\$&`);

/** Matches every title but these. */
const allBut = (titles: ReadonlySet<string>): string => `^(?!(${[...titles].map(literally).join('|')})$)`;

/**
 * Compares all of them with the committed list. One that fails and is not in it is shown and played once more alone:
 * the recordings hold real times, and one that a busy machine was late for is no difference to the reference.
 */
async function compareWithList(address: string): Promise<boolean> {
  const known = new Set((JSON.parse(readFileSync(ratchetFile, 'utf8')) as { failing: string[] }).failing);
  const report = await run(address, values.passing ? { match: allBut(known) } : {});
  print(report, values.diff !== undefined);
  const failures = new Set(report.failures);
  const mended = values.passing ? [] : [...known].filter((title) => !failures.has(title));
  if (mended.length > 0) console.log(`recordings: take out of ${ratchetName}, they pass:\n  ${mended.join('\n  ')}`);
  const lost = report.failures.filter((each) => !known.has(each));
  let late = 0;
  for (const title of lost) {
    console.log(`recordings: this one passed before\n${differencesOf(report, title)}`);
    const again = await run(address, { match: `^${literally(title)}$` });
    console.log(again.failed === 0 ? '  it passes alone: it was late' : '  it fails alone too');
    if (again.failed === 0) late += 1;
  }
  const wanted = report.passed - mended.length + lost.length;
  console.log(
    `recordings: ${wanted - lost.length + late} of ${wanted} pass, ${late} of them late; ${known.size} are known not to`,
  );
  return late === lost.length;
}

/** A server of our own on a fresh database, for as long as the comparison lasts. */
async function compareWithOwnServer(): Promise<boolean> {
  await using server = await startServer({ db: values.db, flags: ['--log-level', 'error'] });
  const good = await compare(server.address);
  if (!good && server.log !== '') console.log(`recordings: what the server printed\n${server.log}`);
  return good;
}

async function compare(address: string): Promise<boolean> {
  if (values.only === undefined && values.match === undefined) return await compareWithList(address);
  const report = await run(address, values);
  print(report, true);
  return report.failed === 0;
}

if (!existsSync(runner)) {
  console.log('recordings: none beside this repository (../shared/conformance), nothing to compare');
} else {
  const { address } = values;
  const good = await (address === undefined ? compareWithOwnServer() : compare(address));
  process.exitCode = good ? 0 : 1;
}
