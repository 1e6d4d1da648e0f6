import { StoreFault } from '../api/store.ts';

/** Primary result codes of SQLite. @see https://www.sqlite.org/rescode.html */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const TOOBIG = 18;
const CONSTRAINT = 19;
const NOTADB = 26;

/** The primary code of an error of the driver, undefined for any other error. */
function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

/** Another connection holds the lock: trying again may help, and nothing has happened. */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code === BUSY || code === LOCKED;
}

/** Nothing works on this file any more: trying the writes of a group one by one would only fail as often. */
export function isOutage(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && code !== CONSTRAINT && code !== FULL && code !== TOOBIG;
}

/** The one table from the driver's errors to faults. A constraint is no fault, since every condition is checked before: it stays what it is, as all other errors do. */
export function toFault(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === undefined || code === CONSTRAINT) return error;
  const options = { cause: error };
  const file = `the SQLite file ${path}`;
  switch (code) {
    case BUSY:
    case LOCKED:
      return new StoreFault(
        'unavailable',
        `${file} is locked by another process: stop it, or use another file`,
        options,
      );
    case READONLY:
      return new StoreFault(
        'unavailable',
        `${file} or its folder is read-only: allow this user to write there`,
        options,
      );
    case CANTOPEN:
      return new StoreFault(
        'unavailable',
        `${file} cannot be opened: check that its folder exists and is writable`,
        options,
      );
    case IOERR:
      return new StoreFault('unavailable', `${file} failed in input or output: check the disk`, options);
    case FULL:
      return new StoreFault('full', `${file} cannot grow, the disk is full: free some space`, options);
    case CORRUPT:
      return new StoreFault('corrupt', `${file} is damaged: restore it from a backup`, options);
    case NOTADB:
      return new StoreFault('corrupt', `${file} is not a SQLite database: name another file, or restore it`, options);
    default:
      return new StoreFault('unavailable', `${file} answered: ${messageOf(error)}`, options);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
