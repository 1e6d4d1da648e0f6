import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { openStore } from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import { silent, temporaryFolder } from './drivers.ts';
import { acquireShard, commit, keyOf, runWrite } from './rows.ts';

const ROUNDS = 5;
const ACKNOWLEDGED_PER_ROUND = 300;

/** Kills the writer when it has acknowledged enough; @returns what it acknowledged. */
async function killedWriter(file: string, round: number): Promise<string[]> {
  const program = path.join(import.meta.dirname, 'endless-writer.ts');
  const writer: ChildProcess = spawn(process.execPath, [program, file, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(writer, 'exit');
  assert.ok(writer.stdout);
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: writer.stdout })) {
    if (line.endsWith('.')) acknowledged.push(line.slice(0, -1));
    if (acknowledged.length === ACKNOWLEDGED_PER_ROUND) writer.kill('SIGKILL');
  }
  await exited;
  return acknowledged;
}

test(
  'every commit a killed process acknowledged is there, whole, and the next one goes on',
  { timeout: 60_000 },
  async (t) => {
    const file = path.join(temporaryFolder(t), 'store.db');
    const acknowledged: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const found = await killedWriter(file, round);
      assert.ok(found.length >= ACKNOWLEDGED_PER_ROUND, 'the writer ended by itself');
      acknowledged.push(...found);
      const store = await openStore(`sqlite:${file}`, { clock: systemClock, logger: silent });
      for (const id of acknowledged) {
        const key = keyOf(id);
        const run = await store.executions.readRun(key);
        assert.equal(run?.items.length, 1, `${id} was acknowledged`);
        assert.equal(await store.executions.readCurrentRunId(key.namespaceId, id), key.runId);
        const history = await store.executions.readHistory(key, { fromEventId: 1, untilEventId: 9, maxBatches: 9 });
        assert.equal(history.length, 1);
      }
      await commit(store, await acquireShard(store, 9), runWrite(keyOf(`after-${round}`)));
      await store.close();
    }
  },
);
