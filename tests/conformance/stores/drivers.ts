import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { openStore, type Store } from '@duramesh/persistence';
import type { Clock, Logger } from '@duramesh/runtime';
import { VirtualClock } from '@duramesh/testkit';
import { NotInstalled } from '../../../scripts/binaries.ts';
import { cassandraPlace } from './cassandra.ts';
import { mysqlPlace } from './mysql.ts';
import { postgresPlace } from './postgres.ts';

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

/** A folder that is gone when the test is over. */
export function temporaryFolder(t: { after(run: () => void): void }): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'duramesh-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Where a test has an empty store to itself. */
export interface Place {
  readonly url: string;
  readonly clock: Clock;
  /** Lets time pass by the clock that the store goes by. */
  readonly pass: (durationMs: number) => Promise<void>;
}

export interface Driver {
  readonly name: string;
  /** `folder` is the test's own. Rejects with NotInstalled where this machine cannot have such a store. */
  place(folder: string): Promise<Place>;
}

function embedded(url: string): Place {
  const clock = new VirtualClock();
  return { url, clock, pass: (durationMs) => clock.advance(durationMs) };
}

/** The stores that must all behave alike. */
const drivers: readonly Driver[] = [
  { name: 'memory', place: async () => embedded('memory:') },
  { name: 'sqlite in memory', place: async () => embedded('sqlite::memory:') },
  { name: 'sqlite file', place: async (folder) => embedded(`sqlite:${path.join(folder, 'store.db')}`) },
  { name: 'mariadb', place: () => mysqlPlace('mariadb') },
  { name: 'mysql', place: () => mysqlPlace('mysql') },
  { name: 'postgres', place: postgresPlace },
  { name: 'cassandra', place: cassandraPlace },
];

let chosen = drivers;

/** From now on claims are made of these stores alone: all those of one server in one process, since it takes seconds to start. */
export function claimOf(...names: readonly string[]): void {
  chosen = drivers.filter(({ name }) => names.includes(name));
}

export interface Opened extends Pick<Place, 'pass'> {
  readonly store: Store;
}

/** Runs a claim about stores against each of them, freshly made; a store that cannot be had is skipped by name. */
export function everyStore(
  claim: string,
  run: (opened: Opened) => Promise<void>,
  isWanted: (driver: Driver) => boolean = () => true,
): void {
  for (const driver of chosen.filter(isWanted)) {
    test(`${driver.name}: ${claim}`, async (t) => {
      const place = await driver.place(temporaryFolder(t)).catch((error: unknown) => {
        if (error instanceof NotInstalled) return error;
        throw error;
      });
      if (place instanceof NotInstalled) return t.skip(place.message);
      const { url, clock, pass } = place;
      const store = await openStore(url, { clock, logger: silent });
      try {
        await run({ store, pass });
      } finally {
        await store.close();
      }
    });
  }
}
