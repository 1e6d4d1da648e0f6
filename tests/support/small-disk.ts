import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { NotInstalled } from '../../scripts/binaries.ts';

/** A file system in memory that a test can fill. */
export interface SmallDisk {
  readonly folder: string;
  /** Leaves no byte. */
  fill(): void;
  /** Gives back what `fill` has taken. */
  empty(): void;
  remove(): void;
}

const PIECE = new Uint8Array(65_536);

/** @throws NotInstalled where this user may not mount one */
export function makeSmallDisk(megabytes: number): SmallDisk {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'duramesh-disk-'));
  const ballast = path.join(folder, 'ballast');
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
  if (mounted.status !== 0) {
    rmSync(folder, { recursive: true });
    throw new NotInstalled('a small disk cannot be made here: only root may mount one');
  }
  return {
    folder,
    fill() {
      for (;;) {
        const { bavail, bsize } = statfsSync(folder);
        if (bavail === 0) return;
        appendFileSync(ballast, PIECE.subarray(0, Math.min(PIECE.length, bavail * bsize)));
      }
    },
    empty: () => rmSync(ballast, { force: true }),
    remove() {
      execFileSync('umount', [folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
