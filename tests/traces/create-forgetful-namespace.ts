// node tests/traces/create-forgetful-namespace.ts DATABASE_URL NAME: a namespace that forgets closed runs sooner than callers of
// the API may ask for. A process of its own, since the server's messages and the SDK's want other numbers of the same library.
import { randomUUID } from 'node:crypto';
import { openStore } from '@duramesh/persistence';
import { NamespaceRecord } from '@duramesh/proto';
import { systemClock } from '@duramesh/runtime/system';
import { silentLogger } from '@duramesh/telemetry';

const [databaseUrl = '', name = ''] = process.argv.slice(2);
const store = await openStore(databaseUrl, { clock: systemClock, logger: silentLogger });
await store.namespaces.create(NamespaceRecord.create({ id: randomUUID(), name, state: 1, retentionMs: 1, version: 1 }));
await store.close();
