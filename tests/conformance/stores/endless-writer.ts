// Commits runs until it is killed, and prints the id of each one when its commit was acknowledged.
import { writeSync } from 'node:fs';
import { openStore } from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import { silent } from './drivers.ts';
import { acquireShard, bytes, keyOf, runWrite } from './rows.ts';

const CONCURRENT = 8;
const STANDARD_OUTPUT = 1;

const [file, round] = process.argv.slice(2);
const store = await openStore(`sqlite:${file}`, { clock: systemClock, logger: silent });
const lease = await acquireShard(store);
let next = 0;

async function writeForEver(): Promise<void> {
  for (;;) {
    const id = `w-${round}-${next++}`;
    const key = keyOf(id);
    const run = runWrite(key, {
      info: new Uint8Array(1500),
      upserts: [{ kind: 1, key: 'a', data: bytes(1) }],
      history: [{ firstEventId: 1, lastEventId: 3, data: new Uint8Array(900) }],
      outstanding: true,
    });
    const { namespaceId, runId } = key;
    const current = { namespaceId, workflowId: id, expectedRunId: undefined, runId };
    const result = await store.executions.commit({ lease, runs: [run], current });
    if (result === 'committed') writeSync(STANDARD_OUTPUT, `${id}.\n`);
  }
}

await Promise.all(Array.from({ length: CONCURRENT }, writeForEver));
