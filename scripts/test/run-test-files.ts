import path from 'node:path';
import { run } from 'node:test';
import { inspect } from 'node:util';
import { indent, seconds } from './output.ts';
import type { StepResult } from './steps.ts';
import type { Tell } from './turns.ts';

/** A file that hangs is reported, not waited for. */
const FILE_TIMEOUT_MS = 5 * 60_000;
/** Long enough for thousands of simulation seeds, where others have the processor most of the time. */
const PATIENT_FILE_TIMEOUT_MS = 30 * 60_000;
const OUTPUT_KEPT_PER_FILE = 20_000;

/** Where everything can be had that tests need, one that is skipped has failed. */
const mustRunAll = process.env['DURAMESH_NO_SKIPS'] === '1';

export interface TestFilesOptions {
  readonly root: string;
  /** Relative to the root; they begin in this order. */
  readonly files: readonly string[];
  /** Files at the same time, each in its own process. */
  readonly concurrency: number;
  /** They leave the processor to whoever else wants it. */
  readonly isPatient: boolean;
}

/** Runs test files with Node's runner and tells a line for each file, and for each failure all there is to know. */
export async function runTestFiles(options: TestFilesOptions, tell: Tell): Promise<StepResult> {
  const { root, files, concurrency, isPatient } = options;
  const output = new Map<string, string>();
  const failing = new Set<string>();
  const skipped: string[] = [];
  const failures: string[] = [];
  const tellFailure = (text: string): void => {
    tell(text);
    failures.push(text);
  };
  const result = { passed: 0, failed: 0 };
  const relative = (file: string | undefined): string => (file === undefined ? '' : path.relative(root, file));
  const keep = ({ file, message }: { file?: string | undefined; message: string }): void => {
    const name = relative(file);
    output.set(name, `${output.get(name) ?? ''}${message}`.slice(-OUTPUT_KEPT_PER_FILE));
  };
  const events = run({
    cwd: root,
    files: files.map((file) => path.join(root, file)),
    concurrency,
    timeout: isPatient ? PATIENT_FILE_TIMEOUT_MS : FILE_TIMEOUT_MS,
    execArgv: isPatient ? ['--import', path.join(import.meta.dirname, 'low-priority.ts')] : [],
  });
  events.on('test:stdout', keep);
  events.on('test:stderr', keep);
  events.on('test:fail', ({ name, file, line, details, skip, todo }) => {
    if (skip !== undefined || todo !== undefined) return;
    failing.add(relative(file));
    if ('failureType' in details.error && details.error.failureType === 'subtestsFailed') return;
    tellFailure(`  ✖ ${name}\n    ${relative(file)}:${line ?? 1}\n${indent(reason(details.error))}`);
  });
  events.on('test:pass', ({ name, file, skip }) => {
    if (skip !== undefined)
      skipped.push(`${relative(file)}: ${name}${typeof skip === 'string' ? `\n    ${skip}` : ''}`);
  });
  events.on('test:summary', ({ file, counts, duration_ms: durationMs }) => {
    if (file === undefined) {
      result.passed = counts.passed;
      result.failed = counts.tests - counts.passed - counts.skipped - counts.todo;
      return;
    }
    const name = relative(file);
    tell(`  ${failing.has(name) ? '✖' : '✔'} ${name}: ${counts.passed}/${counts.tests} in ${seconds(durationMs)}`);
    if (failing.has(name) && output.has(name)) tell(indent(output.get(name) ?? ''));
    output.delete(name);
  });
  for await (const _ of events);
  for (const name of failing) {
    // A file that died before its first test has no summary.
    if (output.has(name)) tellFailure(`  ✖ ${name}\n${indent(output.get(name) ?? '')}`);
  }
  for (const name of skipped) (mustRunAll ? tellFailure : tell)(`  ${mustRunAll ? '✖' : '-'} skipped: ${name}`);
  const failed = Math.max(result.failed, failing.size) + (mustRunAll ? skipped.length : 0);
  return { passed: result.passed, failed, failures };
}

function reason(error: Error): string {
  const cause = error.cause ?? error;
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause);
  const own = text
    .split('\n')
    .filter((line) => !/^\s+at .*\(?node:internal/.test(line) && !line.includes('(node:async_hooks'));
  return own.join('\n');
}
