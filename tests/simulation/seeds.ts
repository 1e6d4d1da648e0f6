// Plays a range of seeds and prints one line of JSON for each seed that broke a promise, then a summary.
//   node tests/simulation/seeds.ts FROM TO [--stop] [--trace]
import process from 'node:process';
import { parseArgs } from 'node:util';
import { Mix, simulate } from '@duramesh/simulator';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { stop: { type: 'boolean', default: false }, trace: { type: 'boolean', default: false } },
});
const from = Number(positionals[0] ?? 1);
const to = Number(positionals[1] ?? from);

let played = 0;
let messages = 0;
let failed = 0;
const mix = new Mix();
for (let seed = from; seed <= to; seed++) {
  const report = await simulate({ seed, keepTrace: values.trace });
  played += 1;
  messages += report.messages;
  mix.add(report.mix);
  if (values.trace) process.stdout.write(`${report.trace.join('\n')}\n`);
  if (report.violations.length === 0) continue;
  failed += 1;
  process.stdout.write(`${JSON.stringify({ seed, violations: report.violations, rates: report.rates })}\n`);
  if (values.stop) break;
}
process.stdout.write(`${JSON.stringify({ from, to, played, failed, messages, mix })}\n`);
process.exitCode = failed > 0 ? 1 : 0;
