// Finds libfaketime for tests that turn the clock of a process, installing it when there is none. Prints its path.
import { globSync } from 'node:fs';
import { ensure, type Wanted, withApt } from './binaries.ts';

const FILES = [
  '/usr/lib/*/faketime/libfaketime.so.1',
  '/usr/lib/faketime/libfaketime.so.1',
  '/usr/lib64/faketime/libfaketime.so.1',
];

const libfaketime: Wanted<string> = {
  name: 'libfaketime',
  find: () => globSync(FILES)[0],
  ways: [withApt('libfaketime')],
  advice: 'install it (https://github.com/wolfcw/libfaketime), or name the file in LIBFAKETIME',
};

/** @returns the path of the library, for LD_PRELOAD */
export async function ensureLibfaketime(): Promise<string> {
  return process.env['LIBFAKETIME'] || ensure(libfaketime);
}

if (import.meta.main) process.stdout.write(`${await ensureLibfaketime()}\n`);
