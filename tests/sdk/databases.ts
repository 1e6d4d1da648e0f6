import { after } from 'node:test';
import { chosenDatabases, createWithSchema, startDatabase, type TestDatabase } from '../support/databases.ts';

const started: TestDatabase[] = [];
after(async () => {
  for (const database of started) await database.stop();
});

/** `name` for titles, and a database to start on. DURAMESH_TEST_DB chooses; SQLite unless it does. */
export const databases = chosenDatabases(['sqlite']).map((name) => ({
  name,
  create: async (): Promise<string> => {
    const database = await startDatabase(name);
    started.push(database);
    return createWithSchema(database);
  },
}));
