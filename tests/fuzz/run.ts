// Plays fuzz seeds and prints one line of JSON for each seed that broke a promise, then a summary.
//   node tests/fuzz/run.ts SEED [LAST_SEED] [--requests N] [--answers] [--stop]
import process from 'node:process';
import { parseArgs } from 'node:util';
import { playSeed } from './play-seed.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    requests: { type: 'string', default: '1000' },
    answers: { type: 'boolean', default: false },
    stop: { type: 'boolean', default: false },
  },
});
const from = Number(positionals[0] ?? 1);
const to = Number(positionals[1] ?? from);

const sum = { asked: 0, undecodable: 0, runs: 0, failed: 0 };
const answers = new Map<string, number>();
/** So much real time for one seed: longer means that something turns in circles while virtual time stands still. */
const SEED_WITHIN_MS = 60_000;

for (let seed = from; seed <= to; seed++) {
  const watchdog = setTimeout(() => {
    process.stdout.write(`seed ${seed}\nnot done in ${SEED_WITHIN_MS / 1000} s of real time\n`);
    process.exit(1);
  }, SEED_WITHIN_MS);
  const report = await playSeed({ seed, requests: Number(values.requests) });
  clearTimeout(watchdog);
  sum.asked += report.asked;
  sum.undecodable += report.undecodable;
  sum.runs += report.runs;
  for (const [answer, count] of report.answers) answers.set(answer, (answers.get(answer) ?? 0) + count);
  if (report.violations.length === 0) continue;
  sum.failed += 1;
  process.stdout.write(`seed ${seed}\n${report.violations.join('\n')}\n`);
  if (values.stop) break;
}
if (values.answers) {
  const lines = [...answers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([answer, count]) => `${answer} ${count}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}
process.stdout.write(`${JSON.stringify({ from, to, ...sum })}\n`);
process.exitCode = sum.failed > 0 ? 1 : 0;
