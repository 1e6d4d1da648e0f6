import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VersioningRules } from '@duramesh/proto';
import { type RulesRequest, updatedRules } from './versioning-rules.ts';

/** The rules of one queue, changed with the token of the moment. */
class Rules {
  rules = VersioningRules.create();
  polledBy = '';

  ask(operation: RulesRequest): void {
    const conflictToken = new TextEncoder().encode(String(this.rules.token));
    const context = { nowMs: 1_000, isPolledBy: (buildId: string) => buildId === this.polledBy };
    this.rules = updatedRules(this.rules, { conflictToken, ...operation }, context);
  }

  insert(targetBuildId: string, rampPercentage?: number): void {
    const ramp = rampPercentage === undefined ? {} : { percentageRamp: { rampPercentage } };
    this.ask({ insertAssignmentRule: { ruleIndex: 0, rule: { targetBuildId, ...ramp } } });
  }

  get targets(): (string | undefined)[] {
    return this.rules.assignment.map(({ rule }) => rule?.targetBuildId);
  }
}

test('a change on what somebody else has changed since is refused', () => {
  const rules = new Rules();
  rules.insert('1');
  const stale = new TextEncoder().encode('0');
  const insertAssignmentRule = { ruleIndex: 0, rule: { targetBuildId: '2' } };
  assert.throws(() => rules.ask({ conflictToken: stale, insertAssignmentRule }), /conflict token '0' does not match/);
});

test('a build that nobody polls for is committed by force only, and then gets everything', () => {
  const rules = new Rules();
  rules.insert('1');
  rules.insert('2', 10);
  assert.throws(() => rules.ask({ commitBuildId: { targetBuildId: '2' } }), /no versioned poller with build ID '2'/);
  rules.polledBy = '2';
  rules.ask({ commitBuildId: { targetBuildId: '2' } });
  assert.deepEqual(rules.targets, ['2']);
});

test('a circle of redirects is refused, however long it is', () => {
  const rules = new Rules();
  const add = (sourceBuildId: string, targetBuildId: string) =>
    rules.ask({ addCompatibleRedirectRule: { rule: { sourceBuildId, targetBuildId } } });
  add('1', '2');
  add('2', '3');
  assert.throws(() => add('3', '1'), /acyclic/);
  assert.throws(() => add('1', '4'), /source 1 already redirects to target 2/);
});

test('the last rule for everything stays, unless it is taken away by force', () => {
  const rules = new Rules();
  rules.insert('1');
  rules.insert('2', 50);
  assert.throws(() => rules.ask({ deleteAssignmentRule: { ruleIndex: 1 } }), /at least one fully-ramped/);
  rules.ask({ deleteAssignmentRule: { ruleIndex: 1, force: true } });
  assert.deepEqual(rules.targets, ['2']);
});
