import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';

export interface Played {
  readonly exitCode: number | null;
  readonly asked: number;
  readonly failed: number;
  readonly runs: number;
  /** What was broken, or what a process said that died. */
  readonly output: string;
  /** `StartWorkflowExecution OK` → how often. */
  readonly answers: ReadonlyMap<string, number>;
}

export interface PlayOptions {
  readonly requests: number;
  /** A bug to be planted; the first seed that notices it is the last one that is played. */
  readonly mutant?: string;
}

const here = import.meta.dirname;

/** Plays seeds in a process of its own: one that dies of a request is seen from outside. */
export async function play(from: number, to: number, { requests, mutant }: PlayOptions): Promise<Played> {
  const planted = mutant === undefined ? [] : ['--import', path.join(here, '..', 'simulation', 'mutate.ts')];
  const args = [path.join(here, 'run.ts'), String(from), String(to), '--requests', String(requests), '--answers'];
  const child = spawn(process.execPath, [...planted, ...args, ...(mutant === undefined ? [] : ['--stop'])], {
    env: { ...process.env, DURAMESH_MUTANT: mutant ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { exitCode, output, ...summaryOf(output) };
}

function summaryOf(output: string): Pick<Played, 'asked' | 'failed' | 'runs' | 'answers'> {
  const lines = output.trim().split('\n');
  const last = lines.at(-1) ?? '';
  if (!last.startsWith('{"from"')) return { asked: 0, failed: 1, runs: 0, answers: new Map() };
  const { asked, failed, runs } = JSON.parse(last) as Pick<Played, 'asked' | 'failed' | 'runs'>;
  const answers = new Map<string, number>();
  for (const line of lines) {
    const [, answer, count] = /^([A-Z]\w+ [A-Z_]+) (\d+)$/.exec(line) ?? [];
    if (answer) answers.set(answer, Number(count));
  }
  return { asked, failed, runs, answers };
}
