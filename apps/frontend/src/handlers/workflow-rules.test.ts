import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrontendWorld } from '../testing/frontend-world.ts';

const namespace = 'default';
const spec = { activityStart: { predicate: "ActivityType = 'bad'" }, actions: [{ activityPause: {} }] };

const create = (world: FrontendWorld, id: string, more: { readonly expiresInMs?: number } = {}) => {
  const expiresMs = world.clock.now() + (more.expiresInMs ?? 0);
  const expirationTime = more.expiresInMs === undefined ? undefined : { seconds: expiresMs / 1000 };
  return { namespace, spec: { ...spec, id, expirationTime }, identity: 'operator', description: `about ${id}` };
};

test('rules are kept with their namespace until they are deleted', async () => {
  const world = await FrontendWorld.start();
  const { rule } = await world.call('CreateWorkflowRule', create(world, 'r1'));
  assert.equal(rule?.createdByIdentity, 'operator');
  assert.equal(rule?.createTime?.seconds, world.clock.now() / 1000);
  await world.call('CreateWorkflowRule', create(world, 'r2'));
  const described = await world.call('DescribeWorkflowRule', { namespace, ruleId: 'r1' });
  assert.equal(described.rule?.spec?.activityStart?.predicate, spec.activityStart.predicate);
  await world.call('DeleteWorkflowRule', { namespace, ruleId: 'r1' });
  const { rules } = await world.call('ListWorkflowRules', { namespace });
  assert.deepEqual(
    rules?.map((left) => left.spec?.id),
    ['r2'],
  );
});

test('a full namespace takes one more rule in the place of one that has expired', async () => {
  const world = await FrontendWorld.start();
  await world.call('CreateWorkflowRule', create(world, 'expiring', { expiresInMs: 60_000 }));
  for (let i = 0; i < 9; i++) await world.call('CreateWorkflowRule', create(world, `r${i}`));
  const more = create(world, 'more');
  assert.equal(await world.refusal('CreateWorkflowRule', more), '3 Workflow Rule limit exceeded. Max: 10');
  await world.clock.advance(61_000);
  await world.call('CreateWorkflowRule', more);
  const { rules } = await world.call('ListWorkflowRules', { namespace });
  assert.equal(rules?.length, 10);
  assert.ok(rules?.every((rule) => rule.spec?.id !== 'expiring'));
});

test('a rule that every request would have to carry may not be large', async () => {
  const world = await FrontendWorld.start();
  const request = { ...create(world, 'large'), description: 'x'.repeat(4_000) };
  assert.match(await world.refusal('CreateWorkflowRule', request), /^3 Workflow Rule exceeds allowed size of 4000/);
});

test('where rules are switched off their calls do not exist', async () => {
  const world = await FrontendWorld.start({}, { limits: { workflowRules: false } });
  const text = await world.refusal('ListWorkflowRules', { namespace });
  assert.equal(text, '12 method ListWorkflowRules not supported');
});
