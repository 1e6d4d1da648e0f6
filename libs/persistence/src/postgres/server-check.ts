import type { SchemaStatus } from '../api/schema.ts';
import { StoreFault } from '../api/store.ts';
import { textArray } from './values.ts';
import type { Connections } from './connect.ts';
import { statusOf, TABLES, VERSION_TABLE } from './schema.ts';
import { schemaStatements } from './statements.ts';

const OLDEST_SERVER = 14;

/**
 * What has to be right before a store is of use: the server's version, the schema, the rights, and that it takes writes.
 * @throws StoreFault; a schema that is not current is a value
 */
export async function checkServer(connections: Connections): Promise<SchemaStatus> {
  const { shown } = connections;
  const [version] = await connections.read(schemaStatements.serverVersion, []);
  const major = Math.floor(Number(version?.[0]) / 10_000);
  if (major < OLDEST_SERVER) {
    throw new StoreFault('refused', `the database ${shown} is PostgreSQL ${major}: use ${OLDEST_SERVER} or newer`);
  }
  const status = await readStatus(connections);
  if (status.state !== 'current') return status;
  const denied = await connections.read(schemaStatements.denied, [textArray(TABLES)]);
  if (denied.length > 0) {
    const tables = denied.map(([name]) => name).join(', ');
    throw new StoreFault('refused', `the database ${shown} denies this user rights on ${tables}: grant it all on them`);
  }
  const [readOnly] = await connections.read(schemaStatements.isReadOnly, []);
  if (readOnly?.[0] === 'on') {
    throw new StoreFault('unavailable', `the database ${shown} takes no writes: it is a standby or was made read-only`);
  }
  return status;
}

/** How the schema stands, seen by a user who may perhaps do no more than look. */
export async function readStatus(connections: Connections): Promise<SchemaStatus> {
  const tables = (await connections.read(schemaStatements.tables, [])).map(([name]) => name);
  if (!tables.includes(VERSION_TABLE)) return statusOf({ shown: connections.shown, tables, version: undefined });
  const [row] = await connections.read(schemaStatements.version, []);
  const [done, begun] = row ?? [0, 0];
  return statusOf({ shown: connections.shown, tables, version: { done, begun } });
}
