import { spawnSync } from 'node:child_process';
import { globSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { runTestFiles } from './run-test-files.ts';
import type { Tell } from './turns.ts';

export interface StepResult {
  readonly passed: number;
  readonly failed: number;
  /** What was told of each failing test, to be told again where a reader looks first: at the end. */
  readonly failures?: readonly string[];
}

/**
 * When a step runs: `first` and `last` steps one after the other with nothing beside them; in between the `main` ones, also
 * one after the other, and beside them the `patient` ones, which have the processor while the others wait.
 */
export type Stage = 'first' | 'main' | 'patient' | 'last';

export interface Step {
  readonly name: string;
  readonly title: string;
  readonly stage: Stage;
  run(tell: Tell): Promise<StepResult>;
}

const root = path.join(import.meta.dirname, '..', '..');
const ignored = (file: string): boolean => file.includes('node_modules');

interface Folder {
  readonly title: string;
  /** `main`, unless told. */
  readonly stage?: Stage;
  /** Files at the same time, where they wait for servers more than they work. */
  readonly concurrency?: number;
  /** Texts in the paths of files that take long: they begin first. */
  readonly long?: readonly string[];
}

/** What a folder of `tests/` holds, in the order to tell of. A folder not named here comes after the others of its stage. */
const folders: Readonly<Record<string, Folder>> = {
  conformance: {
    title: 'one suite against every store and every bus',
    concurrency: 3,
    long: ['cassandra', 'mysql-faults', 'nats-', 'mysql.test'],
  },
  fuzz: { title: 'requests that nobody should send, to the whole system', concurrency: 2, long: ['mutants'] },
  sdk: { title: 'unmodified SDKs against a real server' },
  operator: { title: 'what a running cluster says of itself, and why workflows wait', concurrency: 2 },
  traces: { title: 'one trace from the client through all services to the worker', concurrency: 2 },
  deploy: { title: 'what deploy/ names exists' },
  processes: { title: 'several processes behind one port, killed and stopped' },
  stores: {
    title: 'real servers on every database, killed, paused and damaged',
    concurrency: 3,
    long: ['pause', 'server-bad-input', 'kill'],
  },
  chaos: { title: 'what the chaos suite judges by (npm run chaos is the suite)' },
  support: { title: 'servers that tests start and stop', concurrency: 2, long: ['nats-cluster'] },
  simulation: { title: 'the whole system on virtual time, under faults', stage: 'patient' },
  // Judged by the clock, or by what comes together in one commit. Of two files one does nothing but stand idle.
  mesh: {
    title: 'processes that find each other and take over from each other',
    stage: 'last',
    concurrency: 2,
    long: ['idle'],
  },
  budgets: { title: 'counted budgets of commits, statements and calls', stage: 'last' },
};

const binary = (name: string): string => path.join(root, 'node_modules', '.bin', name);

/** A command that counts as one check. */
function command(name: string, title: string, commands: readonly (readonly string[])[]): Step {
  const run = async (): Promise<StepResult> => {
    const results = commands.map(
      ([file = '', ...args]) => spawnSync(file, args, { cwd: root, stdio: 'inherit' }).status === 0,
    );
    return results.every(Boolean) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  };
  return { name, title, stage: 'first', run };
}

/**
 * Types of all sources, then of the engine alone with no ambient type: a global it names does not compile. What it imports
 * is seen under the same setting and judged by the first run only.
 */
async function checkTypes(): Promise<StepResult> {
  const tsc = binary('tsc');
  const all = spawnSync(tsc, ['--noEmit', '-p', 'tsconfig.json'], { cwd: root, stdio: 'inherit' }).status === 0;
  const engine = spawnSync(tsc, ['--noEmit', '--pretty', 'false', '-p', 'libs/engine/tsconfig.json'], {
    cwd: root,
    encoding: 'utf8',
  });
  const own = `${engine.stdout}${engine.stderr}`.split('\n').filter((line) => /^(libs\/engine\/|error )/.test(line));
  if (own.length > 0) console.log(own.join('\n'));
  return all && own.length === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

interface TestStepOptions extends Folder {
  readonly name: string;
  readonly globs: readonly string[];
}

function testStep(options: TestStepOptions, filters: readonly string[]): Step | undefined {
  const { name, title, stage = 'main', globs, concurrency = 1, long = [] } = options;
  const wanted = (file: string): boolean => filters.length === 0 || filters.some((text) => file.includes(text));
  /** The place among the long ones, or behind them. */
  const place = (file: string): number => [...long, ''].findIndex((text) => file.includes(text));
  const found = globSync(globs, { cwd: root, exclude: ignored }).filter(wanted).sort();
  if (found.length === 0) return undefined;
  const files = found.sort((a, b) => place(a) - place(b));
  const run = (tell: Tell): Promise<StepResult> =>
    runTestFiles({ root, files, concurrency, isPatient: stage === 'patient' }, tell);
  return { name, title: `${title} (${files.length} files)`, stage, run };
}

function testFolders(): readonly string[] {
  const present = readdirSync(path.join(root, 'tests'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['node_modules', 'architecture'].includes(entry.name))
    .map((entry) => entry.name);
  const known = Object.keys(folders).filter((name) => present.includes(name));
  return [...known, ...present.filter((name) => !known.includes(name)).sort()];
}

function commandSteps(): readonly Step[] {
  const node = process.execPath;
  return [
    { name: 'types', title: 'types, and the engine without any ambient type', stage: 'first', run: checkTypes },
    command('lint', 'lint', [[binary('oxlint')]]),
    command('format', 'format (npm run format mends it)', [[binary('oxfmt'), '--list-different']]),
    command('generated', 'generated files are up to date (npm run generate mends them)', [
      [node, 'proto/generate.ts', '--check'],
      [node, 'scripts/rpc-table.ts', '--check'],
      [node, 'scripts/lock.ts', '--check'],
    ]),
  ];
}

/** All steps in order. `filters` keep only test files whose path contains one of them, and drop all else. */
export function steps(filters: readonly string[]): readonly Step[] {
  const unit = ['libs/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'proto/src/**/*.test.ts', 'scripts/**/*.test.ts'];
  const first = { stage: 'first', concurrency: 2 } as const;
  const tests: readonly TestStepOptions[] = [
    { name: 'architecture', title: 'architecture', globs: ['tests/architecture/**/*.test.ts'], ...first },
    { name: 'unit', title: 'unit tests', globs: unit, ...first },
    ...testFolders().map((name) => ({
      title: `tests/${name}`,
      ...folders[name],
      name,
      globs: [`tests/${name}/**/*.test.ts`],
    })),
  ];
  const testSteps = tests.map((options) => testStep(options, filters)).filter((step) => step !== undefined);
  return filters.length > 0 ? testSteps : [...commandSteps(), ...testSteps];
}
