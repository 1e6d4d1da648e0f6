import { type OpenStoreOptions, openStore, type Store, StoreFault } from '@duramesh/persistence';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** While nothing changes, so often at most a line says that we wait. */
const TELL_EVERY_MS = 15_000;

/** They are there or not: nobody starts them meanwhile. */
const isEmbedded = (url: string): boolean => /^(?:sqlite|memory):/.test(url);

/**
 * Opens the store, however long its database is away; says so now and then.
 * @throws StoreFault where trying again would not help; the reason of the signal
 */
export async function openWhenThere(url: string, options: OpenStoreOptions, signal: AbortSignal): Promise<Store> {
  const { clock, logger } = options;
  let told = { text: '', atMs: 0 };
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      const store = await openStore(url, options);
      if (told.text !== '') logger.info({}, 'The database answers.');
      return store;
    } catch (error) {
      if (!(error instanceof StoreFault) || error.code !== 'unavailable' || isEmbedded(url)) throw error;
      const nowMs = clock.monotonicMs();
      if (error.message !== told.text || nowMs - told.atMs >= TELL_EVERY_MS) {
        logger.warn({}, `Waiting for the database: ${error.message}.`);
        told = { text: error.message, atMs: nowMs };
      }
    }
    await clock.sleep(pauseMs, signal);
  }
}
