import { after, afterEach, before, suite, test, type TestContext } from 'node:test';
import { assertClean } from '../../support/databases.ts';
import type { Deployment } from '../../support/server-process.ts';
import { Lab } from '../support/lab.ts';
import { activityEndTests } from './activity-ends.ts';
import { activityOutcomeTests } from './activity-outcomes.ts';
import { asyncCompletionTests } from './async-completions.ts';
import { chainTests } from './chains.ts';
import { durabilityTests } from './durability.ts';
import { familyTests } from './families.ts';
import type { LabTests } from './lab-tests.ts';
import { messageTests } from './messages.ts';
import { operatorTests } from './operators.ts';
import { payloadTests } from './payloads.ts';
import { propertyTests } from './properties.ts';
import { queryTests } from './queries.ts';
import { scopeTests } from './scopes.ts';
import { startOptionTests } from './start-options.ts';
import { taskQueueTests } from './task-queues.ts';
import { resetTests } from './resets.ts';
import { updateTests } from './updates.ts';
import { versionTests } from './versions.ts';
import { workerTests } from './workers.ts';
import { workflowOutcomeTests } from './workflow-outcomes.ts';

const SUITE_TIMEOUT_MS = 400_000;
const TEST_TIMEOUT_MS = 90_000;
/** Most of these tests wait for timeouts, not for the processor. */
const AT_ONCE = 8;

const sideBySide: readonly LabTests[] = [
  startOptionTests,
  workflowOutcomeTests,
  chainTests,
  activityOutcomeTests,
  activityEndTests,
  asyncCompletionTests,
  scopeTests,
  messageTests,
  queryTests,
  resetTests,
  propertyTests,
  payloadTests,
  workerTests,
  operatorTests,
  familyTests,
  taskQueueTests,
  updateTests,
  versionTests,
];

/** What an unmodified SDK must find, whatever the deployment is made of. `more` are tests of this deployment alone. */
export function sdkSuite(name: string, open: () => Promise<Deployment>, more: LabTests = () => undefined): void {
  suite(name, { timeout: SUITE_TIMEOUT_MS }, () => {
    let opened: Lab | undefined;
    let deployment: Deployment | undefined;
    let failed = false;
    const lab = (): Lab => {
      if (opened === undefined) throw new Error(`${name} did not start`);
      return opened;
    };
    before(async () => {
      deployment = await open();
      opened = await Lab.open(deployment);
    });
    after(async () => {
      if (failed && opened !== undefined) console.error(opened.log);
      try {
        await opened?.close();
      } finally {
        await deployment?.stop();
      }
    });
    const noteFailure = (context: unknown): void => {
      failed ||= (context as TestContext).passed === false;
    };
    suite('side by side', { concurrency: AT_ONCE, timeout: TEST_TIMEOUT_MS }, () => {
      afterEach(noteFailure);
      for (const tests of sideBySide) tests(lab);
    });
    suite('one by one', { timeout: SUITE_TIMEOUT_MS }, () => {
      afterEach(noteFailure);
      durabilityTests(lab);
      more(lab);
      test('what all of this has stored is sound', () => assertClean(lab().deployment.databaseUrl));
    });
  });
}
