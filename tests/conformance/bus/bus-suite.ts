import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { type Bus, BusFault, type BusHandler, MAX_PAYLOAD_BYTES, type RequestOptions } from '@duramesh/bus';
import { until } from '../../support/until.ts';

/** Two processes' buses that reach each other. */
export interface BusPair {
  readonly client: Bus;
  readonly server: Bus;
  close(): Promise<void>;
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);
export const echo: BusHandler = (payload) => Promise.resolve(payload);
/** Answers only when nobody needs the answer any more. */
export const never: BusHandler = (payload, { signal }) =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(payload)));
const patient = { timeoutMs: 20_000 };

let probes = 0;

/** Resolves when everything `server` serves by now can be reached by `client`. */
export async function reachable({ client, server }: Pick<BusPair, 'client' | 'server'>): Promise<void> {
  const subject = `probe.v1.ask.${(probes += 1)}`;
  const subscription = server.serve(subject, echo);
  const ask = (isLongPoll: boolean) => () => client.request(subject, bytes('?'), { timeoutMs: 1_000, isLongPoll });
  for (const isLongPoll of [false, true]) await until(ask(isLongPoll), { what: 'the probe answers', withinMs: 10_000 });
  await subscription.close();
}

const fails = (code: string) => (error: unknown) => {
  assert.ok(error instanceof BusFault, String(error));
  assert.equal(error.code, code);
  return true;
};

/** What every bus must do; `open` makes a fresh pair. */
export function busSuite(open: () => Promise<BusPair>): void {
  const withPair = (name: string, run: (pair: BusPair) => Promise<void>): void => {
    void test(name, { timeout: 60_000 }, async () => {
      const pair = await open();
      try {
        await run(pair);
      } finally {
        await pair.close();
      }
    });
  };
  requestReply(withPair);
  refusals(withPair);
  payloads(withPair);
  contexts(withPair);
  endings(withPair);
}

type WithPair = (name: string, run: (pair: BusPair) => Promise<void>) => void;

function requestReply(withPair: WithPair): void {
  withPair('a request is answered by the handler of its subject', async (pair) => {
    pair.server.serve('history.v1.signal-workflow.7', (payload) => Promise.resolve(bytes(`hello ${text(payload)}`)));
    await reachable(pair);
    assert.equal(text(await pair.client.request('history.v1.signal-workflow.7', bytes('you'), patient)), 'hello you');
  });

  withPair('a star in a filter matches any one token and nothing else', async (pair) => {
    const { client, server } = pair;
    for (const filter of ['history.v1.*.42', 'history.v2.*.42', '*.v1.ping.*', 'plain.subject']) {
      server.serve(filter, () => Promise.resolve(bytes(filter)));
    }
    await reachable(pair);
    const ask = async (subject: string): Promise<string> => text(await client.request(subject, bytes(''), patient));
    assert.equal(await ask('history.v1.start-workflow.42'), 'history.v1.*.42');
    assert.equal(await ask('history.v1.describe-workflow.42'), 'history.v1.*.42');
    assert.equal(await ask('history.v2.start-workflow.42'), 'history.v2.*.42');
    assert.equal(await ask('worker.v1.ping.9'), '*.v1.ping.*');
    assert.equal(await ask('plain.subject'), 'plain.subject');
    for (const subject of ['history.v1.start-workflow.43', 'history.v1.42', 'history.v1.a.b.42', 'plain.subject.x']) {
      await assert.rejects(ask(subject), fails('noResponders'), subject);
    }
  });

  withPair('a thousand requests at once each get their own answer', async (pair) => {
    pair.server.serve('echo.v1.*.1', echo);
    await reachable(pair);
    const asked = Array.from({ length: 1_000 }, async (_, i) => {
      const reply = await pair.client.request(`echo.v1.m${i % 10}.1`, bytes(`request ${i}`), patient);
      assert.equal(text(reply), `request ${i}`);
    });
    await Promise.all(asked);
  });

  withPair('two subscriptions of one process to one filter serve in turn', async (pair) => {
    const counts = [0, 0];
    const count =
      (which: number): BusHandler =>
      (payload) => {
        counts[which] = (counts[which] ?? 0) + 1;
        return Promise.resolve(payload);
      };
    const first = pair.server.serve('echo.v1.*.1', count(0));
    pair.server.serve('echo.v1.*.1', count(1));
    await reachable(pair);
    for (let i = 0; i < 10; i++) await pair.client.request('echo.v1.m.1', bytes(''), patient);
    assert.deepEqual(counts, [5, 5], 'each request reaches one of them');
    await first.close();
    for (let i = 0; i < 4; i++) await pair.client.request('echo.v1.m.1', bytes(''), patient);
    assert.deepEqual(counts, [5, 9]);
  });

  withPair('a process reaches its own handlers, never inside the call that asks', async ({ server }) => {
    let isRunning = false;
    server.serve('echo.v1.*.1', (payload) => {
      isRunning = true;
      return Promise.resolve(payload);
    });
    const asked = server.request('echo.v1.m.1', bytes('me'), patient);
    assert.equal(isRunning, false);
    assert.equal(text(await asked), 'me');
  });
}

function refusals(withPair: WithPair): void {
  withPair('a request nobody serves fails at once with noResponders, small or large', async (pair) => {
    await reachable(pair);
    const startedAt = performance.now();
    await assert.rejects(pair.client.request('nobody.v1.m.1', bytes('x'), patient), fails('noResponders'));
    const large = new Uint8Array(3 * 1024 * 1024);
    await assert.rejects(pair.client.request('nobody.v1.m.1', large, patient), fails('noResponders'));
    assert.ok(performance.now() - startedAt < 2_000);
  });

  withPair(
    'a request nobody answers fails with timeout at its deadline, and a late answer does no harm',
    async (pair) => {
      let finish = (_: Uint8Array): void => {};
      pair.server.serve('slow.v1.*.1', () => new Promise((resolve) => (finish = resolve)));
      pair.server.serve('echo.v1.*.1', echo);
      await reachable(pair);
      const startedAt = performance.now();
      const asked = pair.client.request('slow.v1.m.1', bytes('x'), { timeoutMs: 200 });
      await assert.rejects(asked, fails('timeout'));
      const elapsedMs = performance.now() - startedAt;
      assert.ok(elapsedMs >= 199 && elapsedMs < 2_000, `${elapsedMs}`);
      finish(new Uint8Array(2 * 1024 * 1024));
      assert.equal(text(await pair.client.request('echo.v1.m.1', bytes('next'), patient)), 'next');
    },
  );

  withPair('an aborted request fails at once with the reason as its cause', async (pair) => {
    pair.server.serve('slow.v1.*.1', never);
    await reachable(pair);
    const abort = new AbortController();
    const asked = pair.client.request('slow.v1.m.1', bytes('x'), { ...patient, signal: abort.signal });
    const reason = new Error('enough');
    setTimeout(() => abort.abort(reason), 50);
    const fault: unknown = await asked.catch((error: unknown) => error);
    assert.ok(fault instanceof BusFault && fault.code === 'aborted' && fault.cause === reason);
    const again = pair.client.request('slow.v1.m.1', bytes('x'), { ...patient, signal: abort.signal });
    await assert.rejects(again, fails('aborted'));
  });

  withPair('a full inbox answers overloaded at once, and takes requests again when there is room', async (pair) => {
    const waiting: (() => void)[] = [];
    const handler: BusHandler = (payload) => new Promise((resolve) => waiting.push(() => resolve(payload)));
    pair.server.serve('slow.v1.*.1', handler, { inboxLimit: 2 });
    await reachable(pair);
    const ask = () => pair.client.request('slow.v1.m.1', bytes('x'), patient);
    const first = [ask(), ask()];
    await until(() => waiting.length === 2, { what: 'two run', withinMs: 5_000 });
    await assert.rejects(ask(), fails('overloaded'));
    for (const finish of waiting.splice(0)) finish();
    await Promise.all(first);
    const third = ask();
    await until(() => waiting.length === 1, { what: 'the third runs', withinMs: 5_000 });
    waiting[0]?.();
    await third;
  });

  withPair('a handler that throws is answered handlerFailed, and the next request is served', async (pair) => {
    pair.server.serve('echo.v1.*.1', (payload) => {
      if (payload.length === 0) throw new Error('at once');
      return payload.length === 1 ? Promise.reject(new Error('later')) : Promise.resolve(payload);
    });
    await reachable(pair);
    await assert.rejects(pair.client.request('echo.v1.m.1', bytes(''), patient), fails('handlerFailed'));
    await assert.rejects(pair.client.request('echo.v1.m.1', bytes('1'), patient), fails('handlerFailed'));
    assert.equal(text(await pair.client.request('echo.v1.m.1', bytes('fine'), patient)), 'fine');
  });
}

function payloads(withPair: WithPair): void {
  withPair('payloads of any size arrive whole, both ways', async (pair) => {
    pair.server.serve('echo.v1.*.1', echo);
    await reachable(pair);
    const kib = 1024;
    const sizes = [0, 1, 64 * kib, 64 * kib + 1, 256 * kib, 512 * kib, 512 * kib + 1, 768 * kib, 5 * kib * kib];
    for (const size of sizes) {
      const payload = randomBytes(size);
      assert.ok(payload.equals(await pair.client.request('echo.v1.m.1', payload, patient)), `${size} bytes`);
    }
  });

  withPair(
    'a large answer to a small request arrives whole, and so does a small answer to a large one',
    async (pair) => {
      const large = randomBytes(5 * 1024 * 1024);
      pair.server.serve('size.v1.*.1', (payload) =>
        Promise.resolve(payload.length === 0 ? large : bytes(String(payload.length))),
      );
      await reachable(pair);
      assert.ok(large.equals(await pair.client.request('size.v1.m.1', bytes(''), patient)));
      assert.equal(text(await pair.client.request('size.v1.m.1', large, patient)), String(large.length));
    },
  );

  withPair('several large payloads at once do not mix, nor hold up small ones', async (pair) => {
    pair.server.serve('echo.v1.*.1', echo);
    await reachable(pair);
    const large = Array.from({ length: 6 }, async () => {
      const payload = randomBytes(3 * 1024 * 1024);
      assert.ok(payload.equals(await pair.client.request('echo.v1.m.1', payload, patient)));
    });
    const small = Array.from({ length: 100 }, async (_, i) => {
      assert.equal(text(await pair.client.request('echo.v1.m.1', bytes(`${i}`), patient)), `${i}`);
    });
    await Promise.all([...large, ...small]);
  });

  withPair('what is above the largest size is refused with tooLarge, request or answer', async (pair) => {
    pair.server.serve('echo.v1.*.1', () => Promise.resolve(new Uint8Array(MAX_PAYLOAD_BYTES + 1)));
    await reachable(pair);
    const request = new Uint8Array(MAX_PAYLOAD_BYTES + 1);
    await assert.rejects(pair.client.request('echo.v1.m.1', request, patient), fails('tooLarge'));
    await assert.rejects(pair.client.request('echo.v1.m.1', bytes(''), patient), fails('tooLarge'));
  });
}

function contexts(withPair: WithPair): void {
  withPair('a handler is told subject, trace, caller and what is left of the deadline', async (pair) => {
    pair.server.serve('told.v1.*.1', (_, { subject, traceparent, caller }) => {
      return Promise.resolve(bytes(JSON.stringify({ subject, traceparent, caller })));
    });
    pair.server.serve('left.v1.*.1', (_, context) => Promise.resolve(bytes(String(context.remainingMs()))));
    await reachable(pair);
    const options: RequestOptions = {
      timeoutMs: 3_000,
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      caller: 'frontend-1',
    };
    const { traceparent, caller } = options;
    for (const payload of [bytes('small'), new Uint8Array(2 * 1024 * 1024)]) {
      const told = JSON.parse(text(await pair.client.request('told.v1.m.1', payload, options))) as unknown;
      assert.deepEqual(told, { subject: 'told.v1.m.1', traceparent, caller });
    }
    const leftMs = Number(text(await pair.client.request('left.v1.m.1', bytes(''), options)));
    assert.ok(leftMs > 1_000 && leftMs <= 3_000, `${leftMs}`);
  });

  withPair("a handler's signal aborts when the caller's deadline has passed", async (pair) => {
    let finish: (() => void) | undefined;
    pair.server.serve('slow.v1.*.1', (payload, { signal }) => {
      return new Promise((resolve) => {
        // Not answered at once: the answer could still be in time.
        signal.addEventListener('abort', () => (finish = () => resolve(payload)));
      });
    });
    await reachable(pair);
    await assert.rejects(pair.client.request('slow.v1.m.1', bytes(''), { timeoutMs: 200 }), fails('timeout'));
    const aborted = await until(() => finish, { what: 'the signal aborts', withinMs: 2_000 });
    aborted();
  });
}

function endings(withPair: WithPair): void {
  withPair('a closed subscription takes nothing new and answers what runs before it is closed', async (pair) => {
    let finish: (() => void) | undefined;
    const handler: BusHandler = (payload) => new Promise((resolve) => (finish = () => resolve(payload)));
    const subscription = pair.server.serve('slow.v1.*.1', handler);
    await reachable(pair);
    const asked = pair.client.request('slow.v1.m.1', bytes('x'), patient);
    const run = await until(() => finish, { what: 'it runs', withinMs: 5_000 });
    let isClosed = false;
    const closed = subscription.close().then(() => (isClosed = true));
    await assert.rejects(pair.client.request('slow.v1.m.1', bytes('x'), patient), fails('noResponders'));
    assert.equal(isClosed, false);
    run();
    assert.equal(text(await asked), 'x');
    await closed;
    await subscription.close();
  });

  withPair('a subscription made anew after a close serves', async (pair) => {
    for (let i = 0; i < 3; i++) {
      const subscription = pair.server.serve('echo.v1.*.1', echo);
      await reachable(pair);
      assert.equal(text(await pair.client.request('echo.v1.m.1', bytes(`${i}`), patient)), `${i}`);
      await subscription.close();
    }
  });

  withPair('a closing bus aborts the signals of what runs and still sends its answers', async (pair) => {
    let isRunning = false;
    pair.server.serve('slow.v1.*.1', (payload, { signal }) => {
      isRunning = true;
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(payload)));
    });
    await reachable(pair);
    const asked = pair.client.request('slow.v1.m.1', bytes('drained'), { ...patient, isLongPoll: true });
    await until(() => isRunning, { what: 'it runs', withinMs: 5_000 });
    await pair.server.close();
    assert.equal(text(await asked), 'drained');
    assert.equal(pair.server.connected, false);
  });

  withPair('a closed bus fails what it waits for and what is asked of it with closed', async (pair) => {
    pair.server.serve('slow.v1.*.1', never);
    await reachable(pair);
    const asked = assert.rejects(pair.client.request('slow.v1.m.1', bytes(''), patient), fails('closed'));
    await pair.client.close();
    await asked;
    await assert.rejects(pair.client.request('slow.v1.m.1', bytes(''), patient), fails('closed'));
    assert.throws(() => pair.client.serve('slow.v1.*.1', never), fails('closed'));
    await pair.client.close();
  });
}
