import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VersioningBehavior } from '@temporalio/common';
import { until } from '../../support/until.ts';
import type { Lab } from '../support/lab.ts';
import { assertSoundHistory, countOf, eventsOf } from '../support/history-checks.ts';
import { go, versionsOnTheWay } from '../workflows/index.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

const COMPLETED = 2;
const NAMESPACE = 'default';
const IDENTITY = 'operator';

/** One deployment on one task queue. */
class Fleet {
  readonly name: string;
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
    this.name = lab.id('fleet');
  }

  async startWorker(buildId: string, defaultVersioningBehavior: VersioningBehavior) {
    const version = { deploymentName: this.name, buildId };
    const workerDeploymentOptions = { useWorkerVersioning: true, version, defaultVersioningBehavior } as const;
    const worker = await this.#lab.startWorker(this.name, { workerDeploymentOptions });
    await until(() => this.#isPolled(buildId), {
      what: `${this.name}:${buildId} is polled`,
      withinMs: RESULT_WITHIN_MS,
    });
    return worker;
  }

  async setCurrent(buildId: string): Promise<void> {
    const about = { namespace: NAMESPACE, deploymentName: this.name, identity: IDENTITY };
    await this.#service.setWorkerDeploymentCurrentVersion({ ...about, buildId });
    await this.#isKnown();
  }

  async ramp(buildId: string, percentage: number): Promise<void> {
    const about = { namespace: NAMESPACE, deploymentName: this.name, identity: IDENTITY };
    await this.#service.setWorkerDeploymentRampingVersion({ ...about, buildId, percentage });
    await this.#isKnown();
  }

  /** A workflow whose first task was done. */
  async begin(name: string, pinnedTo?: string) {
    const workflowId = this.#lab.id(name);
    const handle = await this.#lab.client.workflow.start(versionsOnTheWay, {
      workflowId,
      taskQueue: this.name,
      ...(pinnedTo !== undefined && {
        versioningOverride: { pinnedTo: { deploymentName: this.name, buildId: pinnedTo } },
      }),
    });
    const begun = async (): Promise<boolean> => countOf(await eventsOf(handle), 'workflowTaskCompleted') === 1;
    await until(begun, { what: `${workflowId} has begun`, withinMs: RESULT_WITHIN_MS });
    return handle;
  }

  get #service() {
    return this.#lab.client.workflowService;
  }

  /** Both queues of the worker are known: a version that lacks one of them cannot become the current one. */
  async #isPolled(buildId: string): Promise<boolean> {
    const deploymentVersion = { deploymentName: this.name, buildId };
    const described = await this.#service
      .describeWorkerDeploymentVersion({ namespace: NAMESPACE, deploymentVersion })
      .catch(() => undefined);
    return described?.workerDeploymentVersionInfo?.taskQueueInfos?.length === 2;
  }

  /** Every queue of the deployment has heard of the change. */
  #isKnown(): Promise<void> {
    return this.#has('its routing', ({ routingConfigUpdateState }) => routingConfigUpdateState === COMPLETED);
  }

  async #has(what: string, test: (info: Described) => boolean): Promise<void> {
    const seen = async (): Promise<boolean> => {
      const about = { namespace: NAMESPACE, deploymentName: this.name };
      const { workerDeploymentInfo } = await this.#service.describeWorkerDeployment(about);
      return test(workerDeploymentInfo ?? {});
    };
    await until(seen, { what: `${this.name} has ${what}`, withinMs: RESULT_WITHIN_MS });
  }
}
type Service = Lab['client']['workflowService'];
type Described = NonNullable<Awaited<ReturnType<Service['describeWorkerDeployment']>>['workerDeploymentInfo']>;

/** Workers of several versions side by side. */
export const versionTests: LabTests = (lab) => {
  test('a pinned workflow stays with its version, and new ones go to the current one', async () => {
    const fleet = new Fleet(lab());
    const workers = [await fleet.startWorker('1', 'PINNED')];
    await fleet.setCurrent('1');
    const first = await fleet.begin('pinned');
    workers.push(await fleet.startWorker('2', 'PINNED'));
    await fleet.setCurrent('2');
    const second = await fleet.begin('current');
    const third = await fleet.begin('override', '1');
    for (const handle of [first, second, third]) await handle.signal(go);
    assert.deepEqual(await lab().result(first, RESULT_WITHIN_MS), ['1', '1']);
    assert.deepEqual(await lab().result(second, RESULT_WITHIN_MS), ['2', '2']);
    assert.deepEqual(await lab().result(third, RESULT_WITHIN_MS), ['1', '1']);
    assertSoundHistory(await eventsOf(first));
    const pinned = `TemporalWorkerDeploymentVersion = '${fleet.name}:1' AND TemporalWorkflowVersioningBehavior = 'Pinned'`;
    assert.equal((await lab().listed(pinned)).length, 2);
    for (const worker of workers) await worker.stop();
  });

  test('a workflow that goes with the times moves to the new current version, from its cache too', async () => {
    const fleet = new Fleet(lab());
    const workers = [await fleet.startWorker('1', 'AUTO_UPGRADE')];
    await fleet.setCurrent('1');
    const handle = await fleet.begin('upgrades');
    workers.push(await fleet.startWorker('2', 'AUTO_UPGRADE'));
    await fleet.setCurrent('2');
    await handle.signal(go);
    assert.deepEqual(await lab().result(handle, RESULT_WITHIN_MS), ['1', '2']);
    const events = await eventsOf(handle);
    assertSoundHistory(events);
    assert.equal(countOf(events, 'workflowTaskTimedOut'), 0, 'nothing waited for the old worker');
    for (const worker of workers) await worker.stop();
  });

  test('a ramp takes its share of new workflows, from none to all of them', async () => {
    const fleet = new Fleet(lab());
    const workers = [await fleet.startWorker('1', 'PINNED'), await fleet.startWorker('2', 'PINNED')];
    await fleet.setCurrent('1');
    for (const [percentage, buildId] of [
      [0, '1'],
      [100, '2'],
    ] as const) {
      await fleet.ramp('2', percentage);
      const handle = await fleet.begin(`ramp-${percentage}`);
      await handle.signal(go);
      assert.deepEqual(await lab().result(handle, RESULT_WITHIN_MS), [buildId, buildId]);
    }
    for (const worker of workers) await worker.stop();
  });

  test('workflows of workers without a version move over when a version becomes current', async () => {
    const fleet = new Fleet(lab());
    const plain = await lab().startWorker(fleet.name);
    const handle = await fleet.begin('unversioned');
    const versioned = await fleet.startWorker('1', 'AUTO_UPGRADE');
    await fleet.setCurrent('1');
    await handle.signal(go);
    assert.deepEqual(await lab().result(handle, RESULT_WITHIN_MS), ['none', '1']);
    await plain.stop();
    await versioned.stop();
  });
};
