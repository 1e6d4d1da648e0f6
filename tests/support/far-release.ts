// Loaded with --import: makes of the program one of a far release, whose contract nobody here can read. Nothing is written.
import { registerHooks } from 'node:module';

const FILE = '/libs/contracts/src/contract-version.ts';

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(FILE)) return loaded;
    const { source: raw } = loaded;
    const source = typeof raw === 'string' ? raw : new TextDecoder().decode(raw as Uint8Array);
    const far = source.replace(/(spoken|oldest|newest): \d+,/g, '$1: 99,');
    if (far.split(': 99,').length !== 4) throw new Error(`${FILE} does not say its three versions as it did`);
    return { ...loaded, source: far };
  },
});
