import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { workerDeployments } from './archetype.ts';
import type { WorkerDeployment } from './state.ts';
import { STATUS } from './version-status.ts';

type Commands = typeof workerDeployments.commands;
type Name = keyof Commands;
interface Step {
  readonly name: Name | 'wakeUp';
  readonly buildId: string;
  readonly which: number;
  readonly laterMs: number;
}

const names: readonly Step['name'][] = [
  ...(Object.keys(workerDeployments.commands) as Name[]).filter((name) => name !== 'DeleteDeployment'),
  'SetCurrentVersion',
  'SetRampingVersion',
  'RegisterWorker',
  'wakeUp',
];
const step: fc.Arbitrary<Step> = fc.record({
  name: fc.constantFrom(...names),
  buildId: fc.constantFrom('', '1', '2', '3'),
  which: fc.nat(5),
  laterMs: fc.integer({ min: 0, max: 200_000 }),
});

/** One deployment, as its owner would keep it: every state is written and read again. */
class Subject {
  state: WorkerDeployment | undefined;
  now = 1_000_000;
  readonly #rows = new Map<string, Uint8Array>();

  play({ name, buildId: asked, which, laterMs }: Step): void {
    this.now += laterMs;
    const mayBeNone = name === 'SetCurrentVersion' || name === 'SetRampingVersion';
    const buildId = asked === '' && !mayBeNone ? '1' : asked;
    if (name === 'wakeUp') {
      if (this.state) this.#take(workerDeployments.wakeUp(this.state, this.now));
      return;
    }
    const command = {
      buildId,
      requestId: `r${which}`,
      identity: which === 5 ? 'other' : 'me',
      maximumReached: 0,
      queue: { name: `q${which % 3}`, type: 1 },
      token: which === 4 ? 7 : undefined,
      mayCreate: which === 3,
      lacksQueues: which === 2,
      percentage: which * 20,
      manager: which === 1 ? 'me' : '',
      upserts: {},
      removals: [],
      skipDrainage: which > 2,
      hasPollers: which === 5,
      revision: this.state?.info.revision ?? 0,
      open: which % 2,
      computeConfig: undefined,
    };
    const environment = { now: this.now, namespaceId: 'ns', id: 'dep' };
    const decide = workerDeployments.commands[name] as (
      ...asked: [WorkerDeployment | undefined, typeof command, typeof environment]
    ) => ReturnType<Commands['SetCurrentVersion']>;
    const verdict = decide(this.state, command, environment);
    if (verdict.kind === 'changed') this.#take(verdict.state);
  }

  #take(next: WorkerDeployment): void {
    if (next === this.state) return;
    const { info, upserts, deletes } = workerDeployments.encode(next, this.state);
    for (const { key } of deletes) this.#rows.delete(key);
    for (const { key, data } of upserts) this.#rows.set(key, data);
    const items = Array.from(this.#rows, ([key, data]) => ({ kind: 1, key, data }));
    const read = workerDeployments.decode(info, items);
    const written = (state: WorkerDeployment) => {
      const { upserts } = workerDeployments.encode(state, undefined);
      return upserts.map(({ key, data }) => `${key}:${Buffer.from(data).toString('hex')}`).sort();
    };
    assert.deepEqual(written(read), written(next), 'what is written is what is read');
    assert.ok(next.info.token >= (this.state?.info.token ?? 0));
    assert.ok(next.info.revision >= (this.state?.info.revision ?? 0));
    this.state = next;
    this.#check(next);
  }

  #check(state: WorkerDeployment): void {
    const { routing, untold } = state.info;
    const withStatus = (status: number): string[] =>
      [...state.versions.values()].filter((version) => version.status === status).map(({ buildId }) => buildId);
    const current = routing?.currentDeploymentVersion?.buildId;
    const ramping = routing?.rampingDeploymentVersion?.buildId;
    assert.deepEqual(withStatus(STATUS.current), current === undefined ? [] : [current]);
    assert.deepEqual(withStatus(STATUS.ramping), ramping === undefined ? [] : [ramping]);
    if (current !== undefined) assert.notEqual(current, ramping);
    const wakeAtMs = workerDeployments.nextWakeMs(state);
    const tasks = workerDeployments.outstanding(state);
    for (const { status, drainage } of state.versions.values()) {
      assert.equal(drainage !== undefined, status === STATUS.draining || status === STATUS.drained);
      if (status !== STATUS.draining) continue;
      const isLookedAfter = drainage?.checkDue === true || (wakeAtMs > 0 && wakeAtMs <= (drainage?.nextCheckMs ?? 0));
      assert.ok(isLookedAfter, 'whoever drains is counted some day');
    }
    assert.equal(
      tasks.some(({ type }) => type === 'TellQueues'),
      untold.length > 0,
    );
  }
}

test('whatever is asked of a deployment in whatever order, its versions are what its routing says', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 3, maxLength: 40, size: 'max' }), (steps) => {
      const subject = new Subject();
      for (const next of steps) subject.play(next);
    }),
    { numRuns: 500 },
  );
});
