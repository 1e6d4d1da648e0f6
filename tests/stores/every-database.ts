import { NotInstalled } from '../../scripts/binaries.ts';
import { after, before, suite, test, type TestContext } from 'node:test';
import {
  chosenDatabases,
  type DatabaseName,
  isServer,
  startDatabase,
  type TestDatabase,
} from '../support/databases.ts';
import { isLong } from './form.ts';

const SUITE_TIMEOUT_MS = 900_000;

export interface DatabaseTest {
  readonly name: DatabaseName;
  readonly database: TestDatabase;
  readonly t: TestContext;
}

export type Claims = Readonly<Record<string, (context: DatabaseTest) => Promise<void>>>;

/** Runs claims against each of the databases that this run is about; each is started once. */
export const everyDatabase = (claims: Claims): void => databases(chosenDatabases(), claims);

/**
 * The same, without those that live in one process. It takes long and is much the same on each: the short form keeps to
 * the first.
 */
export const aDatabaseServer = (claims: Claims): void =>
  databases(
    chosenDatabases()
      .filter(isServer)
      .slice(0, isLong ? undefined : 1),
    claims,
  );

function databases(names: readonly DatabaseName[], claims: Claims): void {
  for (const name of names) {
    suite(name, { timeout: SUITE_TIMEOUT_MS }, () => {
      let database: TestDatabase | undefined;
      let missing: NotInstalled | undefined;
      before(async () => {
        try {
          database = await startDatabase(name);
        } catch (error) {
          if (!(error instanceof NotInstalled)) throw error;
          missing = error;
        }
      });
      after(() => database?.stop());
      for (const [claim, run] of Object.entries(claims)) {
        test(`${name}: ${claim}`, async (t) => {
          if (missing !== undefined) return t.skip(missing.message);
          if (database === undefined) throw new Error(`${name} did not start`);
          await run({ name, database, t });
        });
      }
    });
  }
}
