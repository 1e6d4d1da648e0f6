import assert from 'node:assert/strict';
import { openStore, type Store, type VisibilityRow } from '@duramesh/persistence';
import { type Random, seededRandom } from '@duramesh/runtime';
import { VirtualClock } from '@duramesh/testkit';
import type { CompareOperator, Condition, Field, Scalar, SearchAttributeValue } from '@duramesh/visibility';
import { attribute, system, systemFields } from './conditions.ts';
import { everyStore, silent } from './drivers.ts';
import { acquireShard, keyOf, NAMESPACE, runWrite, visibilityRow, write } from './rows.ts';

const ROWS = 200;
const FILTERS = 250;

const words = ['', 'a', 'A', 'ab', 'b c', 'a%', '_', 'é', '\u{1f980}', '\uffee', 'Order', 'run-3'];
const numbers = [-1, 0, 1, 2, 2.5, 3, 8, 1000, 2000.25, 253_402_300_799_000];
const attributes: readonly Field[] = [
  attribute('Kw', 'Keyword'),
  attribute('Int', 'Int'),
  attribute('Dbl', 'Double'),
  attribute('Yes', 'Bool'),
  attribute('At', 'Datetime'),
  attribute('List', 'KeywordList'),
  attribute('Txt', 'Text'),
];
const fields = [...systemFields, ...attributes];
const operators: readonly CompareOperator[] = ['=', '!=', '<', '<=', '>', '>='];

class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  several<T>(values: readonly T[]): T[] {
    return Array.from({ length: this.below(4) }, () => this.pick(values));
  }
}

function valueOf(dice: Dice, field: Field): SearchAttributeValue {
  switch (field.type) {
    case 'Keyword':
    case 'Text':
      return { type: field.type, value: dice.pick(words) };
    case 'Bool':
      return { type: 'Bool', value: dice.below(2) === 1 };
    case 'KeywordList':
      return { type: 'KeywordList', value: dice.several(words) };
    case 'Int':
    case 'Double':
    case 'Datetime':
      return { type: field.type, value: dice.pick(numbers) };
    default:
      return field.type satisfies never;
  }
}

function scalarOf(dice: Dice, field: Field): Scalar {
  const { value } = valueOf(dice, field.type === 'KeywordList' ? attribute('x', 'Keyword') : field);
  return typeof value === 'object' ? '' : value;
}

function conditionOf(dice: Dice, depth: number): Condition {
  const kind = dice.below(depth > 0 ? 10 : 6);
  const field = dice.pick(fields);
  const negated = dice.below(3) === 0;
  if (kind < 2) return { kind: 'compare', field, operator: dice.pick(operators), value: scalarOf(dice, field) };
  if (kind === 2) return { kind: 'in', field, negated, values: dice.several(words).map(() => scalarOf(dice, field)) };
  if (kind === 3) return { kind: 'between', field, negated, low: scalarOf(dice, field), high: scalarOf(dice, field) };
  if (kind === 4) {
    return {
      kind: 'startsWith',
      field: dice.pick([system('WorkflowId'), attribute('Kw', 'Keyword')]),
      negated,
      prefix: dice.pick(words),
    };
  }
  if (kind === 5) return { kind: 'isNull', field, negated };
  if (kind === 6) return { kind: 'not', term: conditionOf(dice, depth - 1) };
  const terms = Array.from({ length: dice.below(4) }, () => conditionOf(dice, depth - 1));
  return { kind: kind <= 7 ? 'and' : 'or', terms };
}

function rowOf(dice: Dice, number: number): VisibilityRow {
  const isOpen = dice.below(2) === 0;
  const searchAttributes = new Map<string, SearchAttributeValue>();
  for (const field of attributes) if (dice.below(3) === 0) searchAttributes.set(field.name, valueOf(dice, field));
  return visibilityRow(keyOf(`${dice.pick(words)}${number % 40}`, `run-${number}`), {
    status: isOpen ? dice.pick([1, 8]) : dice.pick([2, 3, 7]),
    closeTimeMs: isOpen ? undefined : dice.pick([1, 2, 1000, 2000.25]),
    startTimeMs: dice.pick([0, 1, 1000, 2000.25]),
    executionTimeMs: dice.pick([0, 1, 2.5]),
    historyLength: dice.below(4),
    parentWorkflowId: dice.pick(words),
    rootWorkflowId: dice.pick(words),
    searchAttributes,
  });
}

async function fill(store: Store, seed: number): Promise<void> {
  const lease = await acquireShard(store);
  const dice = new Dice(seed);
  for (let number = 0; number < ROWS; number++) {
    const visibility = rowOf(dice, number);
    const { namespaceId, workflowId, runId } = visibility;
    const run = runWrite({ namespaceId, workflowId, runId }, { visibility });
    assert.equal(await store.executions.commit(write(lease, run)), 'committed');
  }
}

for (const seed of [1, 2, 3]) {
  everyStore(
    `any filter lists and counts the same runs as by the definition of filters, seed ${seed}`,
    async ({ store }) => {
      const memory = await openStore('memory:', { clock: new VirtualClock(), logger: silent });
      await Promise.all([fill(store, seed), fill(memory, seed)]);
      const dice = new Dice(seed * 7919);
      let matched = 0;
      for (let i = 0; i < FILTERS; i++) matched += await compareOneFilter(dice, store, memory);
      assert.ok(matched > FILTERS, 'filters that match nothing prove nothing');
      await memory.close();
    },
    ({ name }) => name !== 'memory',
  );
}

/** @returns how many runs were on the first page */
async function compareOneFilter(dice: Dice, store: Store, memory: Store): Promise<number> {
  const where = conditionOf(dice, 3);
  const filter = { where, groupBy: undefined };
  const names = (rows: readonly VisibilityRow[]): string[] => rows.map((row) => row.runId);
  const first = { size: 1 + dice.below(ROWS), after: undefined };
  const [expected, actual] = await Promise.all(
    [memory, store].map((one) => one.visibility.list(NAMESPACE, filter, first)),
  );
  assert.ok(expected && actual);
  assert.deepEqual(names(actual.rows), names(expected.rows), JSON.stringify(where));
  assert.deepEqual(actual.next, expected.next);
  const rest = { size: ROWS, after: expected.next };
  const [expectedRest, actualRest] = await Promise.all(
    [memory, store].map((one) => one.visibility.list(NAMESPACE, filter, rest)),
  );
  assert.ok(expectedRest && actualRest);
  assert.deepEqual(names(actualRest.rows), names(expectedRest.rows), JSON.stringify(where));
  assert.deepEqual(
    await store.visibility.count(NAMESPACE, filter),
    await memory.visibility.count(NAMESPACE, filter),
    JSON.stringify(where),
  );
  return expected.rows.length;
}
