import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActivityInfo } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import type { Version } from '../worker-deployment/versions.ts';
import { scheduleActivity } from './activity-scenario.fixture.ts';
import { describeExecution } from './describe.ts';
import { directiveOf } from './effective-version.ts';
import { HistoryScenario, STICKY } from './history-scenario.fixture.ts';
import { keywordsOf } from './properties.ts';
import { decodeText } from './text.ts';

const PINNED = 1;
const AUTO_UPGRADE = 2;
const USE_RAMPING = 2;
const version = (buildId: string): Version => ({ deploymentName: 'dep', buildId });
const says = (buildId: string, versioningBehavior: number) => ({
  versioningBehavior,
  deploymentOptions: { ...version(buildId), workerVersioningMode: 2 },
});

/** A run whose workers have versions. */
class VersionedRun extends HistoryScenario {
  /** A worker of the version takes the task that waits. */
  takenBy(buildId: string, target?: string): this {
    const task = must(this.state.info.workflowTask, 'there must be a workflow task');
    const { scheduledEventId, attempt, stamp } = task;
    const ask = { scheduledEventId, attempt, stamp, requestId: this.freshId(), identity: 'worker' };
    const polled = { polledQueue: 'tq', polledSticky: false };
    const known = { worker: version(buildId), target: target === undefined ? undefined : version(target) };
    this.do('StartWorkflowTask', { ...ask, ...polled, ...known });
    return this;
  }

  get directive() {
    const { behavior, deploymentVersion, useRamping } = directiveOf(this.state.info) ?? {};
    return [behavior, deploymentVersion?.buildId, useRamping];
  }

  get waiting(): ActivityInfo {
    return must(this.activity(), 'an activity is pending');
  }

  get described() {
    const startedEvent = must(this.events[0], 'a run has a first event');
    return describeExecution(this.state, { startedEvent, now: this.now }).workflowExecutionInfo?.versioningInfo;
  }

  attribute(name: string): string {
    return decodeText(this.state.info.searchAttributes?.indexedFields?.[name]?.data);
  }

  override(versioningOverride: object | undefined): void {
    this.do('UpdateWorkflowOptions', { options: { versioningOverride }, paths: ['versioning_override'], identity: '' });
  }
}

const continueAsNew = (initialVersioningBehavior = 0) => ({
  commandType: 10,
  continueAsNewWorkflowExecutionCommandAttributes: { initialVersioningBehavior },
});

test('a run is with the version of the worker that completed its last task, and lists show it', () => {
  const run = new VersionedRun();
  assert.deepEqual(run.directive, [undefined, undefined, undefined]);
  run.takenBy('1');
  assert.equal(run.described?.versionTransition?.deploymentVersion?.buildId, '1');
  run.answer([], says('1', PINNED));
  assert.deepEqual(run.directive, [PINNED, '1', false]);
  assert.equal(run.described?.versionTransition, undefined);
  assert.equal(run.attribute('TemporalWorkerDeploymentVersion'), '"dep:1"');
  assert.equal(run.attribute('TemporalWorkflowVersioningBehavior'), '"Pinned"');
  const builds = keywordsOf(run.state.info.searchAttributes?.indexedFields?.['BuildIds']);
  assert.ok(builds.includes('pinned:dep:1'));
});

test('activities that wait follow the run to its new version, and none begins while it moves', () => {
  const run = new VersionedRun();
  run.takenBy('1').answer([scheduleActivity()], says('1', AUTO_UPGRADE));
  const activity = run.waiting;
  const take = (stamp: number) => ({
    scheduledEventId: activity.scheduledEventId,
    attempt: 1,
    stamp,
    requestId: run.freshId(),
    identity: 'worker',
  });
  run.signal();
  run.takenBy('2');
  assert.equal(run.refusal('StartActivityTask', take(activity.stamp)).code, 'Obsolete');
  run.answer([], says('2', AUTO_UPGRADE));
  const anew = run.waiting;
  assert.equal(anew.stamp, activity.stamp + 1);
  const sent = run.tasks.at(-1);
  assert.ok(sent?.type === 'DispatchActivityTask' && sent.stamp === anew.stamp);
  assert.equal(sent.version?.deploymentVersion?.buildId, '2');
  run.do('StartActivityTask', take(anew.stamp));
});

test('an activity that a worker of the next version takes makes the run move first', () => {
  const run = new VersionedRun();
  run.takenBy('1').answer([scheduleActivity()], { ...says('1', AUTO_UPGRADE), stickyAttributes: STICKY });
  const { scheduledEventId, stamp } = run.waiting;
  const take = { scheduledEventId, attempt: 1, stamp, requestId: run.freshId(), identity: 'worker' };
  const outcome = run.ask('StartActivityTask', { ...take, movesTo: version('2') });
  assert.ok(outcome.kind === 'committed' && outcome.refusal?.code === 'Obsolete');
  const sent = run.tasks.at(-1);
  assert.ok(sent?.type === 'DispatchWorkflowTask' && !sent.sticky);
  assert.deepEqual(run.directive, [AUTO_UPGRADE, '2', false]);
});

test('an override binds a run at once, and its sticky worker is not asked any more', () => {
  const run = new VersionedRun();
  run.takenBy('1').answer([], { ...says('1', PINNED), stickyAttributes: STICKY });
  run.override({ pinned: { behavior: 1, version: version('2') } });
  assert.deepEqual(run.directive, [PINNED, '2', false]);
  run.signal();
  const sent = run.tasks.at(-1);
  assert.ok(sent?.type === 'DispatchWorkflowTask' && sent.taskQueue === 'tq');
  run.override(undefined);
  assert.deepEqual(run.directive, [PINNED, '1', false]);
});

test('an override for one task is done with once a worker of its version completes one', () => {
  const run = new VersionedRun();
  run.takenBy('1').answer([], says('1', AUTO_UPGRADE));
  run.override({ oneTime: { targetDeploymentVersion: version('2') } });
  run.signal();
  assert.deepEqual(run.directive, [PINNED, '2', false]);
  run.takenBy('2').answer([], says('2', AUTO_UPGRADE));
  assert.equal(run.state.info.versioningOverride, undefined);
  assert.deepEqual(run.directive, [AUTO_UPGRADE, '2', false]);
});

test('a pinned run hears that others go to another version, unless an operator has pinned it', () => {
  const run = new VersionedRun();
  run.takenBy('1', '1').answer([], says('1', PINNED));
  assert.equal(run.last('WorkflowTaskStarted').targetWorkerDeploymentVersionChanged, false);
  run.signal();
  run.takenBy('1', '2').answer([], says('1', PINNED));
  assert.equal(run.last('WorkflowTaskStarted').targetWorkerDeploymentVersionChanged, true);
  run.override({ pinned: { behavior: 1, version: version('1') } });
  run.signal();
  run.takenBy('1', '2');
  assert.equal(run.last('WorkflowTaskStarted').targetWorkerDeploymentVersionChanged, false);
});

test('the next run of a pinned one is pinned too, unless it asks to begin with another version', () => {
  for (const [asked, expected] of [
    [0, { inheritedPinnedVersion: version('1') }],
    [
      USE_RAMPING,
      {
        inheritedAutoUpgradeInfo: {
          sourceDeploymentVersion: version('1'),
          continueAsNewInitialVersioningBehavior: USE_RAMPING,
        },
      },
    ],
  ] as const) {
    const run = new VersionedRun();
    const outcome = run.takenBy('1').answer([continueAsNew(asked)], says('1', PINNED));
    assert.ok(outcome.kind === 'committed' && outcome.next);
    const { versioning } = outcome.next.diff.info;
    const isPinned = 'inheritedPinnedVersion' in expected;
    assert.equal(versioning?.behavior, isPinned ? PINNED : AUTO_UPGRADE);
    assert.equal(versioning.useRamping, !isPinned);
    assert.equal(versioning.version?.buildId, '1');
  }
});
