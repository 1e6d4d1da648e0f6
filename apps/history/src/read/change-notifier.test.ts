import assert from 'node:assert/strict';
import test from 'node:test';
import { VirtualClock } from '@duramesh/testkit';
import type { CachedRun } from '../shard/run-cache.ts';
import { ChangeNotifier } from './change-notifier.ts';

const key = { namespaceId: 'ns', workflowId: 'w', runId: 'r' };
/** The notifier looks at nothing else. */
const runOf = (version: number): CachedRun => ({ key, shard: 1, version }) as CachedRun;

test('who wishes for something waits on until the run is that, or is gone', async () => {
  const notifier = new ChangeNotifier(new VirtualClock(), () => true);
  const { signal } = new AbortController();
  const woken: string[] = [];
  const listen = (name: string, wish?: (run: CachedRun) => boolean): void => {
    const listening = notifier.listen(runOf(1), { waitMs: 1000, signal, ...(wish && { wish }) });
    void listening.done.then((why) => woken.push(`${name} ${why}`));
  };
  listen('any');
  listen('third', (run) => run.version === 3);
  listen('never', () => false);
  const rounds: [number | undefined, string[]][] = [
    [2, ['any changed']],
    [3, ['any changed', 'third changed']],
    [undefined, ['any changed', 'third changed', 'never changed']],
  ];
  for (const [version, expected] of rounds) {
    notifier.changed(key, version === undefined ? undefined : runOf(version));
    await Promise.resolve();
    assert.deepEqual(woken, expected);
  }
});
