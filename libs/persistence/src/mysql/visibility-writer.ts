import { OPEN_RUN_CLOSE_TIME_MS } from '@duramesh/visibility';
import type { VisibilityRow } from '../api/visibility-store.ts';
import { storedType } from '../sql/visibility-filter.ts';
import { storedValues } from '../sql/visibility-rows.ts';
import { literal } from './literals.ts';
import {
  attributeRows,
  attributesOfRun,
  deleteRows,
  insertRows,
  type Row,
  visibilityId,
  visibilityRows,
} from './statements.ts';

/** A list entry; its id is that of its run. */
export interface Entry {
  readonly id: number;
  readonly row: VisibilityRow;
  /** Some attributes are stored, of which those that are not wanted any more must go. */
  readonly hadAttributes: boolean;
}

export function writeEntries(entries: readonly Entry[], maxChars: number): string[] {
  const attributes = entries.flatMap(({ id, row }) => attributesOf(id, row));
  return [
    ...insertRows(visibilityRows, entries.map(entryRow), maxChars),
    ...entries.filter(({ hadAttributes }) => hadAttributes).map(deleteUnwanted),
    ...insertRows(attributeRows, attributes, maxChars),
  ];
}

export const deleteEntries = (ids: readonly Row[], idsWithAttributes: readonly Row[]): string[] => [
  ...deleteRows(visibilityId, ids),
  ...deleteRows(attributesOfRun, idsWithAttributes),
];

export const bytesOfEntry = ({ memo, encodedSearchAttributes }: VisibilityRow): number =>
  (memo?.byteLength ?? 0) + (encodedSearchAttributes?.byteLength ?? 0);

/** Most updates change no attribute: the rows that stay as they are are not touched. */
function deleteUnwanted({ id, row }: Entry): string {
  const wanted = attributesOf(id, row).map(
    ([, name = '', word = '', number = 0]) =>
      `(name = ${literal(name)} AND word = ${literal(word)} AND number = ${literal(number)})`,
  );
  const unless = wanted.length === 0 ? '' : ` AND NOT (${wanted.join(' OR ')})`;
  return `DELETE FROM visibility_attributes WHERE visibility_id = ${literal(id)}${unless}`;
}

const entryRow = ({ id, row }: Entry): Row => [
  id,
  -(row.closeTimeMs ?? OPEN_RUN_CLOSE_TIME_MS),
  row.status,
  row.historyLength,
  row.historySizeBytes,
  row.stateTransitionCount,
  row.searchAttributes.size > 0 ? 1 : 0,
  row.memo ?? null,
  row.encodedSearchAttributes ?? null,
  row.executionTimeMs,
  row.taskQueue,
  row.namespaceId,
  -row.startTimeMs,
  row.runId,
  row.workflowId,
  row.workflowType,
  row.parentWorkflowId || null,
  row.parentRunId || null,
  row.rootWorkflowId || null,
  row.rootRunId || null,
];

/** Marks a list without elements, or a text without words; all other texts have the number 0. */
export const EMPTY_MARK = 1;

/** Texts are stored as words, everything else as numbers. */
function attributesOf(id: number, { searchAttributes }: VisibilityRow): Row[] {
  const rows: Row[] = [];
  for (const [name, attribute] of searchAttributes) {
    const type = storedType(attribute.type);
    const values = storedValues(attribute);
    if (values.length === 0) rows.push([id, name, '', EMPTY_MARK, type]);
    for (const value of values) {
      rows.push(typeof value === 'string' ? [id, name, value, 0, type] : [id, name, '', value, type]);
    }
  }
  return rows;
}
