import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { openStore, type Store } from '@duramesh/persistence';
import type { Logger } from '@duramesh/runtime';
import { VirtualClock } from '@duramesh/testkit';

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

/** A folder that is gone when the test is over. */
export function temporaryFolder(t: { after(run: () => void): void }): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'duramesh-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Opened {
  readonly store: Store;
  readonly clock: VirtualClock;
}

/** The stores that must all behave alike; `url` gets a folder of its own for each test. */
export const drivers: readonly { readonly name: string; url(folder: string): string }[] = [
  { name: 'memory', url: () => 'memory:' },
  { name: 'sqlite in memory', url: () => 'sqlite::memory:' },
  { name: 'sqlite file', url: (folder) => `sqlite:${path.join(folder, 'store.db')}` },
];

/** Runs a claim about stores against each of them, freshly made. */
export function everyStore(claim: string, run: (opened: Opened) => Promise<void>): void {
  for (const driver of drivers) {
    test(`${driver.name}: ${claim}`, async (t) => {
      const clock = new VirtualClock();
      const store = await openStore(driver.url(temporaryFolder(t)), { clock, logger: silent });
      try {
        await run({ store, clock });
      } finally {
        await store.close();
      }
    });
  }
}
