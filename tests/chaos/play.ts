import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Dice, seededRandom } from '@duramesh/runtime';
import { duramesh } from '../support/duramesh.ts';
import { Load, type LoadOptions } from './load/load.ts';
import type { Mishap } from './mishaps/mishap.ts';
import { check } from './model/check.ts';
import { readFinal } from './record/final.ts';
import type { Finding } from './record/operation.ts';
import { Recorder } from './record/recorder.ts';
import type { Stage } from './stages.ts';
import { type Moments, type Noticed, noticed } from './recovery.ts';

/** One mishap, or several one after the other, under load. */
export interface Play {
  readonly seed: number;
  readonly mishaps: readonly Mishap[];
  readonly outageMs: number;
  /** Operations that must have gone well before the first mishap, and after each. */
  readonly calmOperations?: number;
  /** At least so long all is well before the first mishap: for figures that are held against it. */
  readonly calmForMs?: number;
  readonly load?: Pick<LoadOptions, 'ids' | 'lanes' | 'thinkMs' | 'patienceMs'>;
}

export interface Report {
  readonly play: Play;
  readonly recordPath: string;
  readonly findings: readonly Finding[];
  /** One for each mishap. */
  readonly noticed: readonly Noticed[];
  /** From the end of a mishap until a workflow that nobody had heard of has been started, changed and finished. */
  readonly newWorkflowMs: readonly number[];
  readonly effects: number;
  readonly workflowIds: number;
  /** Tasks that came to nothing but their timeout. */
  readonly timedOut: readonly string[];
}

const CALM_OPERATIONS = 60;
/** Of each process, at the end of the record. */
const KEPT_LOG_CHARS = 50_000;
const RECOVERED_WITHIN_MS = 90_000;
const folder = mkdtempSync(path.join(os.tmpdir(), 'duramesh-chaos-'));

/** Plays it to its end and holds what was seen against what is there. */
export async function play(stage: Stage, it: Play): Promise<Report> {
  const dice = new Dice(seededRandom(it.seed));
  const recordPath = path.join(folder, `seed-${it.seed}-${Date.now()}.jsonl`);
  const recorder = new Recorder(recordPath);
  const { calmOperations = CALM_OPERATIONS, calmForMs = 0, outageMs } = it;
  recorder.write({ seed: it.seed, mishaps: it.mishaps.map(({ name }) => name), outageMs });
  const { deployment } = stage;
  const load = await Load.open({ address: deployment.address, recorder, dice, ...it.load });
  try {
    let calmMs = recorder.nowMs;
    load.begin();
    await load.acknowledged(calmOperations, RECOVERED_WITHIN_MS);
    await pause(calmForMs);
    const moments: Moments[] = [];
    const newWorkflowMs: number[] = [];
    for (const mishap of it.mishaps) {
      const struckMs = recorder.nowMs;
      await mishap.strike({ stage, dice, outageMs, say: (note) => recorder.write({ note, at: recorder.nowMs }) });
      const healedMs = recorder.nowMs;
      await load.newWorkflow(RECOVERED_WITHIN_MS);
      newWorkflowMs.push(recorder.nowMs - healedMs);
      const sinceMs = mishap.recovers === 'from the end' ? healedMs : struckMs;
      moments.push({ calmMs, struckMs, healedMs, sinceMs });
      calmMs = recorder.nowMs;
      await load.acknowledged(calmOperations, RECOVERED_WITHIN_MS);
    }
    await load.end();
    await load.lookAtAll();
    const { seen } = recorder;
    const final = await readFinal(load.client, load.workflowIds);
    const findings = [...check(seen, final), ...(await fsck(deployment.databaseUrl))];
    for (const finding of findings) recorder.write({ finding });
    const timedOut = [...final].flatMap(([workflowId, runs]) =>
      runs.flatMap((run) => run.timedOut.map((what) => `${workflowId} ${run.runId}: ${what}`)),
    );
    recorder.write({ timedOut });
    return {
      play: it,
      recordPath,
      findings,
      noticed: moments.map((those, at) => {
        const untilMs = moments[at + 1]?.struckMs ?? Infinity;
        return noticed(
          seen.operations.filter(({ invokedMs }) => invokedMs < untilMs),
          those,
        );
      }),
      newWorkflowMs,
      effects: seen.effects.length,
      workflowIds: load.workflowIds.length,
      timedOut,
    };
  } catch (error) {
    recorder.write({ failed: String(error) });
    throw new Error(`seed ${it.seed}; see ${recordPath}`, { cause: error });
  } finally {
    for (const { name, log } of deployment.processes)
      recorder.write({ process: name, log: log.slice(-KEPT_LOG_CHARS) });
    await load.close();
    await recorder.close();
  }
}

/** `duramesh fsck`, beside the running processes. */
async function fsck(databaseUrl: string): Promise<readonly Finding[]> {
  const { code, out, err } = await duramesh(['fsck', '--db', databaseUrl]);
  return code === 0 ? [] : [{ workflowId: '', what: 'stored wrongly', text: `${out}${err}`.slice(0, 2_000) }];
}
