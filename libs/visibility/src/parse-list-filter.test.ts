import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition, SearchAttributeType } from './list-filter.ts';
import { parseListFilter } from './parse-list-filter.ts';

const customAttributes = new Map<string, SearchAttributeType>([
  ['CustomKeyword', 'Keyword'],
  ['CustomInt', 'Int'],
  ['CustomDouble', 'Double'],
  ['CustomBool', 'Bool'],
  ['CustomDatetime', 'Datetime'],
  ['CustomText', 'Text'],
  ['CustomKeywordList', 'KeywordList'],
  ['has space', 'Keyword'],
]);

const messageOf = (query: string, forCount = false): string => {
  const result = parseListFilter(query, { customAttributes, forCount });
  return result.ok ? 'accepted' : result.message;
};

/** What the user asked for, without the scope that every list has. */
const whereOf = (query: string): Condition | undefined => {
  const result = parseListFilter(query, { customAttributes, forCount: true });
  assert.ok(result.ok, result.ok ? '' : result.message);
  const { where } = result.filter;
  return where?.kind === 'and' && where.terms.length === 2 ? where.terms[0] : where;
};

const refusals: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a query that is no expression is refused': {
    WorkflowId: 'invalid expression: incomplete expression',
    'WorkflowId =': 'malformed SQL query: syntax error at position 40',
    "= 'x'": 'malformed SQL query: syntax error at position 29',
    "WorkflowId = 'x' AND": 'malformed SQL query: syntax error at position 48',
    "(WorkflowId = 'x'": 'malformed SQL query: syntax error at position 45',
    "WorkflowId = 'x' WorkflowType = 'y'": "malformed SQL query: syntax error at position 57 near 'WorkflowType'",
    "WorkflowId == 'x'": 'malformed SQL query: syntax error at position 41',
    "WorkflowId = 'x": "malformed SQL query: syntax error at position 43 near 'x'",
    'WorkflowId = `x`':
      "operation is not supported: column name on the right side of comparison expression (did you forget to quote 'x'?)",
    'hello world': "malformed SQL query: syntax error at position 39 near 'world'",
  },
  'an unknown search attribute is refused': {
    "Nonsense = 'x'": "invalid expression: column name 'Nonsense' is not a valid search attribute",
    "workflowid = 'x'": "invalid expression: column name 'workflowid' is not a valid search attribute",
    "`custom keyword` = 'x'": "invalid expression: column name 'custom keyword' is not a valid search attribute",
    'Nonsense IS NULL': "invalid expression: column name 'Nonsense' is not a valid search attribute",
    'Nonsense BETWEEN 1 AND 2': "invalid expression: column name 'Nonsense' is not a valid search attribute",
    "WorkflowId = 'x' OR Nonsense = 1": "invalid expression: column name 'Nonsense' is not a valid search attribute",
  },
  'values that are not quoted are refused': {
    'WorkflowId = x':
      "operation is not supported: column name on the right side of comparison expression (did you forget to quote 'x'?)",
    'ExecutionStatus = Running':
      "operation is not supported: column name on the right side of comparison expression (did you forget to quote 'Running'?)",
    'WorkflowId IN (x, y)':
      "operation is not supported: column name on the right side of comparison expression (did you forget to quote 'x'?)",
    'WorkflowId BETWEEN a AND b':
      "operation is not supported: column name on the right side of comparison expression (did you forget to quote 'a'?)",
  },
  'ordering, limits and groups are refused in a list': {
    "WorkflowId = 'x' ORDER BY StartTime": "operation is not supported: 'ORDER BY' clause",
    'ORDER BY StartTime DESC': "operation is not supported: 'ORDER BY' clause",
    'order by CloseTime': "operation is not supported: 'ORDER BY' clause",
    "WorkflowId = 'x' LIMIT 5": "operation is not supported: 'LIMIT' clause",
    "WorkflowId = 'x' GROUP BY ExecutionStatus": "operation is not supported: 'GROUP BY' clause",
    'GROUP BY ExecutionStatus': "operation is not supported: 'GROUP BY' clause",
  },
  'functions, patterns and arithmetic are refused': {
    "upper(WorkflowId) = 'X'": 'invalid expression: must be a column name but was *sqlparser.FuncExpr',
    "WorkflowId = lower('X')": 'operation is not supported: nested func',
    "WorkflowId LIKE 'x%'": "invalid expression: invalid operator 'like' in `WorkflowId like 'x%'`",
    "WorkflowId REGEXP 'x'": "invalid expression: invalid operator 'regexp' in `WorkflowId regexp 'x'`",
    'CustomInt + 1 = 2': 'invalid expression: must be a column name but was *sqlparser.BinaryExpr',
  },
  'a value on the left is refused': {
    "'x' = WorkflowId": 'invalid expression: must be a column name but was *sqlparser.SQLVal',
    '1 = 1': 'invalid expression: must be a column name but was *sqlparser.SQLVal',
    '1 BETWEEN CustomInt AND 2': 'invalid expression: must be a column name but was *sqlparser.SQLVal',
  },
  'dates in other formats are refused': {
    "StartTime > 'yesterday'": "invalid expression: unable to parse datetime 'yesterday'",
    "StartTime > '2024-01-01'": "invalid expression: unable to parse datetime '2024-01-01'",
    "StartTime > '2024-01-01 10:00:00'": "invalid expression: unable to parse datetime '2024-01-01 10:00:00'",
    "CustomDatetime = ''": "invalid expression: unable to parse datetime ''",
    "CloseTime BETWEEN '2024-01-01T00:00:00Z' AND 'now'": "invalid expression: unable to parse datetime 'now'",
    'StartTime > 1.5': 'invalid expression: unexpected value type float64 for search attribute StartTime',
  },
  'an unknown status is refused': {
    "ExecutionStatus = 'Open'": "invalid expression: invalid ExecutionStatus value 'Open'",
    "ExecutionStatus = 'running'": "invalid expression: invalid ExecutionStatus value 'running'",
    "ExecutionStatus IN ('Running', 'Gone')": "invalid expression: invalid ExecutionStatus value 'Gone'",
    "ExecutionStatus = ''": "invalid expression: invalid ExecutionStatus value ''",
  },
  'a duration that cannot be read is refused': {
    "ExecutionDuration > 'long'": 'invalid value for search attribute ExecutionDuration: long (invalid duration)',
    "ExecutionDuration > '1x'": 'invalid value for search attribute ExecutionDuration: 1x (invalid duration)',
  },
  'text allows only equality': {
    "CustomText > 'a'":
      "invalid expression: operator '>' not supported for Text type search attribute in `CustomText > 'a'`",
    "CustomText IN ('a', 'b')":
      "invalid expression: operator 'in' not supported for Text type search attribute in `CustomText in ('a', 'b')`",
    "CustomText STARTS_WITH 'a'":
      "invalid expression: operator 'starts_with' not supported for Text type search attribute in `CustomText starts_with 'a'`",
    "CustomText BETWEEN 'a' AND 'b'":
      "invalid expression: cannot do range condition on search attribute 'CustomText' of type Text",
    "CustomText = ''": "invalid expression: unexpected value for Text type search attribute (no tokens found in '')",
  },
  'keyword lists allow only equality and in': {
    "CustomKeywordList > 'a'":
      "invalid expression: operator '>' not supported for KeywordList type search attribute in `CustomKeywordList > 'a'`",
    "CustomKeywordList STARTS_WITH 'a'":
      "invalid expression: operator 'starts_with' not supported for KeywordList type search attribute in `CustomKeywordList starts_with 'a'`",
    "CustomKeywordList BETWEEN 'a' AND 'b'":
      "invalid expression: cannot do range condition on search attribute 'CustomKeywordList' of type KeywordList",
    "BuildIds <= 'a'":
      "invalid expression: operator '<=' not supported for KeywordList type search attribute in `BuildIds <= 'a'`",
  },
  'a range of booleans is refused': {
    'CustomBool BETWEEN false AND true':
      "invalid expression: cannot do range condition on search attribute 'CustomBool' of type Bool",
  },
  'only null can follow is': {
    'CustomBool IS TRUE': "invalid expression: 'IS' operator can only be used with 'NULL' or 'NOT NULL'",
    'CustomBool IS NOT FALSE': "invalid expression: 'IS' operator can only be used with 'NULL' or 'NOT NULL'",
  },
};

for (const [claim, cases] of Object.entries(refusals)) {
  test(claim, () => {
    for (const [query, detail] of Object.entries(cases))
      assert.equal(messageOf(query), `invalid query: ${detail}`, query);
  });
}

test('counts can be grouped by few attributes only', () => {
  const unsupported = "invalid query: operation is not supported: 'GROUP BY' clause";
  assert.equal(
    messageOf('GROUP BY WorkflowType', true),
    `${unsupported} is not supported for search attribute WorkflowType`,
  );
  assert.equal(
    messageOf('GROUP BY ExecutionStatus, WorkflowType', true),
    `${unsupported} supports only a single field`,
  );
  assert.equal(
    messageOf('GROUP BY Nonsense', true),
    "invalid query: invalid expression: column name 'Nonsense' is not a valid search attribute",
  );
  const result = parseListFilter('group by ExecutionStatus', { customAttributes, forCount: true });
  assert.equal(result.ok && result.filter.groupBy?.name, 'ExecutionStatus');
});

test('a refused value of another type names the type', () => {
  assert.match(messageOf("CustomInt = 'many'"), /invalid value type for search attribute CustomInt of type Int: many$/);
  assert.match(messageOf('WorkflowId = 5'), /invalid value type for search attribute WorkflowId of type Keyword: 5$/);
  assert.match(messageOf("CustomBool = 'maybe'"), /invalid value type for search attribute CustomBool of type Bool/);
  assert.match(messageOf('CustomBool > true'), /operator '>' not supported for Bool type/);
  assert.match(messageOf('WorkflowId = NULL'), /unexpected value type \*sqlparser\.NullVal$/);
  assert.match(messageOf('StartTime = true'), /invalid value type for search attribute StartTime/);
});

test('positions count bytes, not characters', () => {
  assert.equal(
    messageOf("WorkflowId = 'ü' x"),
    "invalid query: malformed SQL query: syntax error at position 47 near 'x'",
  );
});

test('the depth of a query is bounded, its length is not', () => {
  const deep = `${'('.repeat(300)}WorkflowId = 'x'${')'.repeat(300)}`;
  assert.match(messageOf(deep), /^invalid query: malformed SQL query: max nesting level reached at position /);
  assert.equal(messageOf(Array.from({ length: 5000 }, () => 'CustomInt = 1').join(' AND ')), 'accepted');
});

test('an empty query means every run that is in no division', () => {
  for (const query of ['', '  \n ']) {
    assert.deepEqual(whereOf(query), {
      kind: 'isNull',
      field: { kind: 'attribute', name: 'TemporalNamespaceDivision', type: 'Keyword' },
      negated: false,
    });
  }
});

test('a query that names the division, even to group by it, is about all divisions', () => {
  assert.equal(whereOf("NamespaceDivision = 'mine'")?.kind, 'compare');
  assert.equal(whereOf('GROUP BY TemporalNamespaceDivision'), undefined);
});

test('names are found with the prefix added or removed, ScheduleId is a workflow ID', () => {
  const nameOf = (query: string): string | undefined => {
    const where = whereOf(query);
    return where?.kind === 'compare' ? where.field.name : undefined;
  };
  assert.equal(nameOf("ScheduledById = 'x'"), 'TemporalScheduledById');
  assert.equal(nameOf("TemporalBuildIds = 'x'"), 'BuildIds');
  assert.equal(nameOf("`has space` = 'x'"), 'has space');
  assert.deepEqual(whereOf("ScheduleId IN ('a', 'b')"), {
    kind: 'in',
    field: { kind: 'system', name: 'WorkflowId', type: 'Keyword' },
    negated: false,
    values: ['temporal-sys-scheduler:a', 'temporal-sys-scheduler:b'],
  });
});

test('a custom attribute called ScheduleId wins over the alias, one called WorkflowId does not', () => {
  const custom = new Map<string, SearchAttributeType>([
    ['ScheduleId', 'Int'],
    ['WorkflowId', 'Int'],
  ]);
  const accepts = (query: string): boolean => parseListFilter(query, { customAttributes: custom, forCount: false }).ok;
  assert.deepEqual([accepts('ScheduleId = 1'), accepts('WorkflowId = 1')], [true, false]);
});

test('values are decoded into the type of their field', () => {
  const valueOf = (query: string): unknown => {
    const where = whereOf(query);
    return where?.kind === 'compare' ? where.value : undefined;
  };
  assert.equal(valueOf("StartTime > '1970-01-02T01:00:00.5+01:00'"), 86_400_500);
  assert.equal(valueOf("StartTime > '2024-02-29T12:00:00.123456Z'"), 1_709_208_000_123.456);
  assert.equal(valueOf('StartTime > 1706745600000000000'), 1_706_745_600_000);
  assert.equal(valueOf("ExecutionDuration > '1h30m'"), 5_400_000);
  assert.equal(valueOf("ExecutionDuration > '2d'"), 172_800_000);
  assert.equal(valueOf("ExecutionDuration > '-1.5s'"), -1500);
  assert.equal(valueOf("ExecutionDuration > '01:00:01'"), 3_601_000);
  assert.equal(valueOf('ExecutionDuration > 1500000'), 1.5);
  assert.equal(valueOf("ExecutionStatus = 'ContinuedAsNew'"), 6);
  assert.equal(valueOf("ExecutionStatus = 'WORKFLOW_EXECUTION_STATUS_TIMED_OUT'"), 7);
  assert.equal(valueOf("CustomInt = '12'"), 12);
  assert.equal(valueOf('CustomDouble > -1.5'), -1.5);
  assert.equal(valueOf("CustomBool = 'TRUE'"), true);
  assert.equal(valueOf("CustomText = 'The Quick, café'"), 'the quick cafe');
  assert.equal(valueOf("CustomKeyword = 'it\\'s'"), "it's");
  assert.equal(valueOf("CustomKeyword = 'it''s -- fine'"), "it's -- fine");
});

test('times that do not exist are refused', () => {
  for (const time of ['2023-02-29T00:00:00Z', '2024-13-01T00:00:00Z', '2024-01-01T24:00:00Z', '2024-01-01T00:00:00']) {
    assert.equal(
      messageOf(`StartTime > '${time}'`),
      `invalid query: invalid expression: unable to parse datetime '${time}'`,
    );
  }
});
