import { spawnSync } from 'node:child_process';
import { globSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { runTestFiles } from './run-test-files.ts';

export interface StepResult {
  readonly passed: number;
  readonly failed: number;
}

export interface Step {
  readonly name: string;
  readonly title: string;
  run(): StepResult | Promise<StepResult>;
}

const root = path.join(import.meta.dirname, '..', '..');
const ignored = (file: string): boolean => file.includes('node_modules');

interface Folder {
  readonly title: string;
  /** Files at the same time, where they wait for servers more than they work. */
  readonly concurrency?: number;
}

/** What a folder of `tests/` holds, in the order to run: cheap and telling first. A folder not named here comes last. */
const folders: Readonly<Record<string, Folder>> = {
  conformance: { title: 'one suite against every store and every bus', concurrency: 2 },
  simulation: { title: 'the whole system on virtual time, under faults' },
  fuzz: { title: 'requests that nobody should send, to the whole system', concurrency: 2 },
  sdk: { title: 'unmodified SDKs against a real server' },
  operator: { title: 'what a running cluster says of itself, and why workflows wait' },
  traces: { title: 'one trace from the client through all services to the worker' },
  mesh: { title: 'processes that find each other and take over from each other' },
  deploy: { title: 'what deploy/ names exists' },
  processes: { title: 'several processes behind one port, killed and stopped' },
  stores: { title: 'real servers on every database, killed, paused and damaged', concurrency: 2 },
  chaos: { title: 'what the chaos suite judges by (npm run chaos is the suite)' },
  budgets: { title: 'counted budgets of commits, statements and calls' },
};

const binary = (name: string): string => path.join(root, 'node_modules', '.bin', name);

/** A command that counts as one check. */
function command(name: string, title: string, commands: readonly (readonly string[])[]): Step {
  const run = (): StepResult => {
    const results = commands.map(
      ([file = '', ...args]) => spawnSync(file, args, { cwd: root, stdio: 'inherit' }).status === 0,
    );
    return results.every(Boolean) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  };
  return { name, title, run };
}

/**
 * Types of all sources, then of the engine alone with no ambient type: a global it names does not compile. What it imports
 * is seen under the same setting and judged by the first run only.
 */
function checkTypes(): StepResult {
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

interface TestStepOptions {
  readonly name: string;
  readonly title: string;
  readonly globs: readonly string[];
  readonly concurrency: number;
}

function testStep({ name, title, globs, concurrency }: TestStepOptions, filters: readonly string[]): Step | undefined {
  const wanted = (file: string): boolean => filters.length === 0 || filters.some((text) => file.includes(text));
  const files = globSync(globs, { cwd: root, exclude: ignored }).sort().filter(wanted);
  if (files.length === 0) return undefined;
  return { name, title: `${title} (${files.length} files)`, run: () => runTestFiles({ root, files, concurrency }) };
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
    { name: 'types', title: 'types, and the engine without any ambient type', run: checkTypes },
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
  const tests = [
    { name: 'architecture', title: 'architecture', globs: ['tests/architecture/**/*.test.ts'], concurrency: 2 },
    { name: 'unit', title: 'unit tests', globs: unit, concurrency: 2 },
    ...testFolders().map((name) => ({
      name,
      title: folders[name]?.title ?? `tests/${name}`,
      globs: [`tests/${name}/**/*.test.ts`],
      concurrency: folders[name]?.concurrency ?? 1,
    })),
  ];
  const testSteps = tests.map((options) => testStep(options, filters)).filter((step) => step !== undefined);
  return filters.length > 0 ? testSteps : [...commandSteps(), ...testSteps];
}
