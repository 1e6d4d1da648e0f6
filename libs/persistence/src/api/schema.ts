/**
 * How a database's schema stands to what this server knows:
 * - `absent`   there is nothing yet: set it up;
 * - `older`    an update is due; `partial` when one was interrupted: update again, it goes on where it stopped;
 * - `current`  the server can start;
 * - `newer`    a newer server has updated it: start that one;
 * - `damaged`  it says it is current, but tables are missing;
 * - `foreign`  it belongs to another program.
 */
export type SchemaState = 'absent' | 'older' | 'partial' | 'current' | 'newer' | 'damaged' | 'foreign';

export interface SchemaStatus {
  readonly state: SchemaState;
  /** The last version that is there in full; 0 when there is none. */
  readonly version: number;
  /** The version this server knows. */
  readonly target: number;
  /** One sentence for people: what is the matter and what to do about it. */
  readonly advice: string;
}

/** What operators do with a schema: by `duramesh schema`, never by a server that starts. */
export interface SchemaTool {
  status(): Promise<SchemaStatus>;
  /**
   * Makes what is missing, the database or keyspace included where the rights suffice, and brings an older or partial schema
   * to the target, step by step. Servers may run meanwhile. Repeating it is harmless, also while another does the same.
   * @throws StoreFault `schema` where the state is newer, damaged or foreign
   */
  update(onStep: (version: number) => void): Promise<void>;
  close(): Promise<void>;
}
