import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { Mix, type MixLists } from '@duramesh/simulator';

/** What seeds.ts says at its end. */
export interface Summary {
  readonly played: number;
  readonly failed: number;
  readonly messages: number;
  /** What the seeds used of all that there is. */
  readonly mix: MixLists;
  /** One line for each seed that broke a promise. */
  readonly broken: readonly string[];
}

const here = import.meta.dirname;

/** Plays seeds in a process of its own, with a mutant planted if one is named. */
export async function play(
  from: number,
  to: number,
  options: { readonly mutant?: string; readonly stop?: boolean } = {},
): Promise<Summary> {
  const planted = options.mutant === undefined ? [] : ['--import', path.join(here, 'mutate.ts')];
  const stop = options.stop === true ? ['--stop'] : [];
  const child = spawn(process.execPath, [...planted, path.join(here, 'seeds.ts'), String(from), String(to), ...stop], {
    env: { ...process.env, DURAMESH_MUTANT: options.mutant ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const lines = out.trim().split('\n');
  const last = lines.pop() ?? '';
  if (!last.includes('"played"')) {
    // A planted bug may also show itself by an assertion of ours that ends the process.
    if (options.mutant !== undefined && errors.includes('AssertionError')) {
      return { played: 1, failed: 1, messages: 0, mix: new Mix(), broken: [errors.slice(0, 500)] };
    }
    throw new Error(`the simulation ended with code ${code} before its summary: ${errors.slice(0, 2_000)}`);
  }
  return { ...(JSON.parse(last) as Omit<Summary, 'broken'>), broken: lines };
}
