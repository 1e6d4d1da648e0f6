// npm test [-- --only lint,unit] [--list] [text ...]: every check of the repository, one heavy job at a time.
// A text keeps only the test files whose path contains it, and leaves the checks without test files out.
import { parseArgs } from 'node:util';
import { seconds } from './test/output.ts';
import { steps, type Step, type StepResult } from './test/steps.ts';

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
for (const step of selected) {
  const stepStarted = performance.now();
  console.log(`\n▶ ${step.title}`);
  const result: StepResult = await step.run();
  total.passed += result.passed;
  total.failed += result.failed;
  if (result.failed > 0) failedSteps.push(step.name);
  const counts = `${result.passed} passed, ${result.failed} failed`;
  console.log(
    `${result.failed > 0 ? '✖' : '✔'} ${step.name}: ${counts} in ${seconds(performance.now() - stepStarted)}`,
  );
}
console.log(`\nall steps in ${seconds(performance.now() - started)}`);
if (failedSteps.length > 0)
  console.log(`failed: ${failedSteps.join(', ')}. Again: npm test -- --only ${failedSteps.join(',')}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed > 0 ? 1 : 0);
