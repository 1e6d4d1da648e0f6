import { readFileSync } from 'node:fs';
import type { DatabaseSecrets } from '@duramesh/persistence';

/** What a database URL leaves out: the password of the environment, and the files it names. */
export const databaseSecrets = (): DatabaseSecrets => ({
  password: process.env['DURAMESH_DB_PASSWORD'],
  readText: (path) => readFileSync(path, 'utf8'),
});
