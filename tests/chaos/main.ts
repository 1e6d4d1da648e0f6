// npm run chaos [-- --short | --long | --schedules N | --seed S] [--only TEXT]: a cluster of real processes and servers, the npm
// SDK as load, one mishap after the other; everything that clients have seen is held against a sequential model.
//   --short       what the build server runs: a few mishaps and random schedules, in under three minutes (the default)
//   --long        every mishap, with outages of a minute and repetitions for the figures
//   --schedules N N random schedules from --seed on; the first that finds something ends it
//   --seed S      the schedule of one seed, or the seed with which the other forms begin
//   --old COMMIT  what works side by side with this checkout in the long form: the commit before it, unless told
//   --only TEXT   of the short and the long form, the mishaps whose name contains it
import process from 'node:process';
import { parseArgs } from 'node:util';
import { NotInstalled } from '../../scripts/binaries.ts';
import { plan, type Act } from './plan.ts';
import { play, type Report } from './play.ts';
import { type Stage, stages } from './stages.ts';
import { summary, told } from './table.ts';

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    schedules: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string', default: '' },
    old: { type: 'string', default: 'HEAD~1' },
  },
});

const seed = Number(values.seed ?? Date.now() % 1_000_000);
const schedules = values.schedules ?? (values.seed !== undefined && !values.short && !values.long ? '1' : undefined);
const acts = plan({
  form: schedules !== undefined ? 'schedules' : values.long ? 'long' : 'short',
  schedules: Number(schedules ?? 0),
  seed,
  only: values.only,
});

let stage: Stage | undefined;
let failures = 0;
let skipped = 0;
const reports: Report[] = [];

async function run(act: Act): Promise<boolean> {
  if (stage?.name !== act.stage) {
    await stage?.[Symbol.asyncDispose]();
    stage = undefined;
    console.log(`▶ stage: ${act.stage}`);
    stage = await stages[act.stage](values);
  }
  console.log(`▶ ${act.title}`);
  const report = await play(stage, act.play);
  reports.push(report);
  console.log(told(report));
  return report.findings.length === 0;
}

console.log(`seed ${seed}, ${acts.length} plays`);
for (const act of acts) {
  try {
    if (await run(act)) continue;
  } catch (error) {
    if (error instanceof NotInstalled) {
      skipped += 1;
      console.log(`  skipped: ${error.message}`);
      continue;
    }
    console.log(`  ✖ it did not come to its end:`, error);
    // Whatever state the stage is in, the next play gets a new one.
    const broken = stage;
    stage = undefined;
    await Promise.resolve(broken?.[Symbol.asyncDispose]()).catch(() => undefined);
  }
  failures += 1;
  if (schedules !== undefined) {
    console.log(`again: npm run chaos -- --seed ${act.play.seed}`);
    break;
  }
}
await stage?.[Symbol.asyncDispose]();
console.log(summary(reports));
console.log(`${acts.length} plays, ${failures} failed, ${skipped} skipped`);
process.exit(failures > 0 || (skipped > 0 && process.env['DURAMESH_NO_SKIPS'] === '1') ? 1 : 0);
