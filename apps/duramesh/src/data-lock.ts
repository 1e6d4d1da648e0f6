import { DatabaseSync } from 'node:sqlite';

/** Somebody else has the data and could not be told apart from us without a broker. */
export class DataInUse extends Error {
  override readonly name = 'DataInUse';
}

export interface DataLock {
  release(): void;
}

/**
 * Keeps two servers that do not know of each other off one file. Those that share a broker share the lock.
 * The lock belongs to the process: it is gone when the process is, however that ended.
 * @throws DataInUse
 */
export function lockData(file: string, sharing: 'alone' | 'shared'): DataLock {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY');
    lock.exec(sharing === 'alone' ? 'BEGIN EXCLUSIVE' : 'BEGIN');
    // A transaction takes its lock with its first read.
    lock.prepare('SELECT count(*) FROM sqlite_master').get();
  } catch (error) {
    lock.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) throw new DataInUse(file);
    throw error;
  }
  return { release: () => lock.close() };
}

const SQLITE_BUSY = 5;
