// npm test [-- --only lint,unit] [--list] [text ...]: every check of the repository.
// A text keeps only the test files whose path contains it, and leaves the checks without test files out.
import { parseArgs } from 'node:util';
import { seconds } from './test/output.ts';
import { type Stage, steps, type Step } from './test/steps.ts';
import { type Tell, Turns } from './test/turns.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, list: { type: 'boolean', default: false } },
});

function chosen(all: readonly Step[]): readonly Step[] {
  if (values.only === undefined) return all;
  const names = values.only.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !all.some((step) => step.name === name));
  if (unknown.length > 0) {
    console.error(`no step is called ${unknown.join(', ')}; there are: ${all.map((step) => step.name).join(', ')}`);
    process.exit(2);
  }
  return all.filter((step) => names.includes(step.name));
}

const started = performance.now();
const selected = chosen(steps(positionals));
if (values.list) {
  for (const step of selected) console.log(`${step.name.padEnd(14)} ${step.title}`);
  process.exit(0);
}

const total = { passed: 0, failed: 0 };
const failedSteps: string[] = [];
const failures: string[] = [];

async function runStep(step: Step, tell: Tell): Promise<void> {
  const stepStarted = performance.now();
  tell(`\n▶ ${step.title}`);
  const { passed, failed, failures: told = [] } = await step.run(tell);
  total.passed += passed;
  total.failed += failed;
  if (failed > 0) failedSteps.push(step.name);
  if (told.length > 0) failures.push(`${step.name}:`, ...told);
  const took = seconds(performance.now() - stepStarted);
  tell(`${failed > 0 ? '✖' : '✔'} ${step.name}: ${passed} passed, ${failed} failed in ${took}`);
}

async function runStage(stage: Stage, tell: Tell): Promise<void> {
  for (const step of selected) if (step.stage === stage) await runStep(step, tell);
}

const turns = new Turns(console.log);
await turns.begin((tell) => runStage('first', tell));
await Promise.all([turns.begin((tell) => runStage('main', tell)), turns.begin((tell) => runStage('patient', tell))]);
await turns.begin((tell) => runStage('last', tell));
if (failures.length > 0) console.log(`\nonce more, what failed in ${failures.join('\n')}`);
console.log(`\nall steps in ${seconds(performance.now() - started)}`);
if (failedSteps.length > 0)
  console.log(`failed: ${failedSteps.join(', ')}. Again: npm test -- --only ${failedSteps.join(',')}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed > 0 ? 1 : 0);
