import { OPEN_RUN_CLOSE_TIME_MS } from '@duramesh/visibility';
import type { VisibilityRow } from '../api/visibility-store.ts';
import type { StoredType } from '../sql/dialect.ts';
import { storedType } from '../sql/visibility-filter.ts';
import { CHANGING_COLUMNS, LASTING_COLUMNS, storedValues } from '../sql/visibility-rows.ts';
import { checkVisibility } from '../visibility-fields.ts';
import type { Connection } from './connect.ts';
import type { SqlValue, Statement } from './statements.ts';

interface AttributeRow {
  readonly name: string;
  readonly type: StoredType;
  readonly value: string | number;
}

/** Writes list entries; the row ids are those of the runs. */
export class VisibilityWriter {
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #delete: Statement<[number]>;
  readonly #attributes: Statement<[string, string | number]>;
  readonly #insertAttribute: Statement;
  readonly #deleteAttribute: Statement;
  readonly #deleteAttributes: Statement;

  constructor(connection: Connection) {
    this.#insert = connection.prepare(INSERT);
    this.#update = connection.prepare(UPDATE);
    this.#delete = connection.prepare('DELETE FROM visibility WHERE id = ? RETURNING has_attributes');
    this.#attributes = connection.prepare('SELECT name, value FROM visibility_attributes WHERE visibility_id = ?');
    this.#insertAttribute = connection.prepare(
      'INSERT OR REPLACE INTO visibility_attributes (visibility_id, name, value, type) VALUES (?, ?, ?, ?)',
    );
    this.#deleteAttribute = connection.prepare(
      'DELETE FROM visibility_attributes WHERE visibility_id = ? AND name = ? AND value = ?',
    );
    this.#deleteAttributes = connection.prepare('DELETE FROM visibility_attributes WHERE visibility_id = ?');
  }

  /** @returns the bytes stored */
  write(id: number, row: VisibilityRow, isNewRun: boolean): number {
    checkVisibility(row);
    const attributes = attributeRows(row.searchAttributes);
    const values = changingValues(row, attributes.length > 0);
    if (isNewRun || this.#update.run(...values, id) === 0) {
      this.#insert.run(id, ...values, ...lastingValues(row));
      for (const attribute of attributes) this.#add(id, attribute);
    } else this.#replaceAttributes(id, attributes);
    return (row.memo?.byteLength ?? 0) + (row.encodedSearchAttributes?.byteLength ?? 0);
  }

  delete(id: number): void {
    if (this.#delete.get(id)?.[0] === 1) this.#deleteAttributes.run(id);
  }

  /** Most updates change no attribute, and each one has two places in the file. */
  #replaceAttributes(id: number, attributes: readonly AttributeRow[]): void {
    const stored = this.#attributes.all(id);
    const isStored = (wanted: AttributeRow): boolean =>
      stored.some(([name, value]) => name === wanted.name && value === wanted.value);
    const isWanted = ([name, value]: readonly [string, string | number]): boolean =>
      attributes.some((wanted) => name === wanted.name && value === wanted.value);
    for (const row of stored) if (!isWanted(row)) this.#deleteAttribute.run(id, row[0], row[1]);
    for (const wanted of attributes) if (!isStored(wanted)) this.#add(id, wanted);
  }

  #add(id: number, attribute: AttributeRow): void {
    this.#insertAttribute.run(id, attribute.name, attribute.value, attribute.type);
  }
}

const INSERT = `INSERT INTO visibility (id, ${[...CHANGING_COLUMNS, ...LASTING_COLUMNS].join(', ')})
  VALUES (?${', ?'.repeat(CHANGING_COLUMNS.length + LASTING_COLUMNS.length)})`;
const UPDATE = `UPDATE visibility SET ${CHANGING_COLUMNS.map((column) => `${column} = ?`).join(', ')} WHERE id = ?`;

const changingValues = (row: VisibilityRow, hasAttributes: boolean): SqlValue[] => [
  -(row.closeTimeMs ?? OPEN_RUN_CLOSE_TIME_MS),
  row.status,
  row.historyLength,
  row.historySizeBytes,
  row.stateTransitionCount,
  hasAttributes ? 1 : 0,
  row.memo ?? null,
  row.encodedSearchAttributes ?? null,
  row.executionTimeMs,
  row.taskQueue,
];

const lastingValues = (row: VisibilityRow): SqlValue[] => [
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

/** A list without elements, or a text without words, keeps a number, which equals no text. */
const NOTHING = [0];

function attributeRows(attributes: VisibilityRow['searchAttributes']): AttributeRow[] {
  const rows: AttributeRow[] = [];
  for (const [name, attribute] of attributes) {
    const values = storedValues(attribute);
    const type = storedType(attribute.type);
    for (const value of values.length > 0 ? values : NOTHING) rows.push({ name, type, value });
  }
  return rows;
}
