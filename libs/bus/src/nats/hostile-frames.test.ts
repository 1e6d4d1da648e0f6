import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTRACT_VERSION, isContractSpokenHere } from '@duramesh/contracts';
import { RequestHeader } from '@duramesh/proto';
import { VirtualClock } from '@duramesh/testkit';
import fc from 'fast-check';
import { Deadlines } from '../deadlines.ts';
import { LocalSubscription } from '../local-subscription.ts';
import { ServingScope } from '../served-request.ts';
import { SubjectTable } from '../subject-table.ts';
import { ErrorLog } from '../testing/error-log.ts';
import { Drops } from './drops.ts';
import {
  ackFrame,
  faultFrame,
  frameKind,
  FrameKind,
  leftFrame,
  numberedFrame,
  replyFrame,
  requestFrame,
  requestStartFrame,
} from './frames.ts';
import { identityOf } from './identity.ts';
import { Requester } from './requester.ts';
import { Responder } from './responder.ts';
import type { Wire } from './wire.ts';

const OURS = identityOf('ours');
const SUBJECT = 'echo.v1.m.1';
const CALL_MS = 5_000;

/** A connection that keeps what is sent. */
class MemoryWire implements Wire {
  readonly limitBytes = 4 * 1024;
  readonly sent: { subject: string; data: Uint8Array }[] = [];

  publish(subject: string, data: Uint8Array): boolean {
    this.sent.push({ subject, data });
    return true;
  }
}

function world() {
  const clock = new VirtualClock(0);
  const deadlines = new Deadlines(clock);
  const scope = new ServingScope(deadlines);
  const table = new SubjectTable();
  const drops = new Drops(clock, new ErrorLog());
  const wire = new MemoryWire();
  let number = 0;
  const executed: Uint8Array[] = [];
  const host = { scope, onClose: () => undefined, onHandlerFailed: () => assert.fail('a handler threw') };
  const answer = (payload: Uint8Array): Promise<Uint8Array> => {
    executed.push(payload);
    return Promise.resolve(payload);
  };
  table.add(new LocalSubscription('echo.v1.*.1', answer, { options: {}, host }));
  const responder = new Responder({
    identity: OURS,
    table,
    scope,
    drops,
    inbox: '_INBOX.server.us.b.',
    nextNumber: () => ++number,
    bulkWire: () => wire,
    anyWire: () => wire,
  });
  const inboxes = { control: '_INBOX.server.us.c.', bulk: '_INBOX.server.us.b.' };
  const requester = new Requester({ identity: OURS, deadlines, drops, inboxes });
  return { clock, drops, wire, executed, responder, requester };
}

const headerOf = (identity = OURS, remainingMs = CALL_MS, of: Partial<RequestHeader> = {}): Uint8Array =>
  RequestHeader.encode({
    remainingMs,
    traceparent: '00-aa-bb-01',
    caller: 'them',
    attempt: 1,
    firstNumber: 0,
    remembered: false,
    ...identity,
    ...of,
  });

/** What a peer of ours sends, in good order or not. */
const honest: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 64 }).map((payload) => requestFrame(headerOf(), payload)),
  fc
    .tuple(fc.nat(9_000), fc.nat(4_096))
    .map(([size, part]) => requestStartFrame(headerOf(), size, new Uint8Array(part))),
  fc.tuple(fc.nat(4), fc.nat(4_096)).map(([at, part]) => numberedFrame(FrameKind.CHUNK, at, new Uint8Array(part))),
  fc
    .tuple(fc.nat(9_000), fc.nat(4_096))
    .map(([size, part]) => numberedFrame(FrameKind.REPLY_START, size, new Uint8Array(part))),
  fc.nat(4).map(ackFrame),
  fc.uint8Array({ maxLength: 64 }).map(replyFrame),
  fc.array(fc.constantFrom(SUBJECT, 'echo.v1.*.1', ''), { maxLength: 3 }).map(leftFrame),
  fc.constantFrom('noResponders', 'overloaded', 'incompatible', 'otherCluster').map(faultFrame),
);

/** The same with bytes changed, cut off, put in, or wholly invented. */
const hostile: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 3, arbitrary: honest },
  fc.uint8Array({ maxLength: 200 }),
  fc.tuple(honest, fc.nat(), fc.nat(255)).map(([frame, at, value]) => {
    const changed = Uint8Array.from(frame);
    changed[at % changed.length] = value;
    return changed;
  }),
  fc.tuple(honest, fc.nat()).map(([frame, at]) => frame.subarray(0, at % (frame.length + 1))),
  fc
    .tuple(honest, fc.uint8Array({ maxLength: 16 }), fc.nat(20))
    .map(([frame, more, at]) => Uint8Array.from([...frame.subarray(0, at), ...more, ...frame.subarray(at)])),
);

const inbox = fc.constantFrom('_INBOX.server.a.c.1', '_INBOX.server.a.c.2', '_INBOX.server.b.b.1', 'echo.v1.m.1', '');

test('whatever arrives, nothing throws, and nothing of it is kept for long', async () => {
  const messages = fc.array(fc.record({ data: hostile, reply: inbox }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(messages, async (all) => {
      const { clock, responder, wire } = world();
      for (const message of all) {
        responder.receive({ subject: SUBJECT, ...message }, wire);
        await clock.settle();
        assert.ok(
          wire.sent.every(({ subject }) => subject.startsWith('_INBOX.')),
          'only inboxes are answered',
        );
      }
      await clock.advance(11_000);
      assert.equal(responder.underWay, 0);
      assert.equal(clock.pendingTimers, 0);
    }),
    { numRuns: 300 },
  );
});

test('a request of another cluster, or of a version that is not spoken here, reaches no handler and is counted', async () => {
  const identity = fc.record({
    cluster: fc.oneof(fc.constant(OURS.cluster), fc.nat()),
    contractVersion: fc.oneof(fc.constant(CONTRACT_VERSION.spoken), fc.nat(5)),
  });
  await fc.assert(
    fc.asyncProperty(identity, fc.boolean(), async (theirs, isLarge) => {
      const { clock, responder, wire, executed, drops } = world();
      const header = headerOf(theirs);
      const data = isLarge
        ? requestStartFrame(header, 2_000, new Uint8Array(2_000))
        : requestFrame(header, new Uint8Array(8));
      responder.receive({ subject: SUBJECT, data, reply: '_INBOX.server.a.c.1' }, wire);
      await clock.settle();
      const isOurs = theirs.cluster === OURS.cluster;
      const isWelcome = isOurs && isContractSpokenHere(theirs.contractVersion);
      assert.equal(executed.length, isWelcome ? 1 : 0);
      assert.deepEqual(drops.counts, isWelcome ? {} : { [isOurs ? 'otherVersion' : 'otherCluster']: 1 });
    }),
  );
});

test('a request whose deadline makes no sense is dropped, and none runs for longer than any call lasts', async () => {
  for (const remainingMs of [0, -1, -(2 ** 50)]) {
    const { clock, responder, wire, executed, drops } = world();
    const data = requestFrame(headerOf(OURS, remainingMs), new Uint8Array(8));
    responder.receive({ subject: SUBJECT, data, reply: '_INBOX.server.a.c.1' }, wire);
    await clock.settle();
    assert.equal(executed.length, 0);
    assert.deepEqual(drops.counts, { expired: 1 });
  }
});

test('an attempt that comes behind a later one of its call is not executed, and one after it is given the same answer', async () => {
  const { clock, responder, wire, executed, drops } = world();
  const attempt = (number: number, of: Partial<RequestHeader>): Promise<void> => {
    const data = requestFrame(headerOf(OURS, CALL_MS, of), Uint8Array.of(number));
    responder.receive({ subject: SUBJECT, data, reply: `_INBOX.server.a.c.${number}` }, wire);
    return clock.settle();
  };
  await attempt(2, { attempt: 2, firstNumber: 1 });
  await attempt(1, {});
  assert.deepEqual([executed.length, drops.counts], [1, { outdated: 1 }]);
  await attempt(5, { remembered: true });
  await attempt(6, { attempt: 2, firstNumber: 5, remembered: true });
  assert.equal(executed.length, 2);
  const answers = wire.sent.map(({ subject, data }) => `${subject.at(-1)}: ${data.at(-1)}`);
  assert.deepEqual(answers, ['2: 2', '5: 5', '6: 5']);
});

test('parts that never become a whole take up a bounded room and are forgotten', async () => {
  const { clock, responder, wire, drops } = world();
  const mebi = 1024 * 1024;
  for (let i = 0; i < 5_000; i++) {
    const data = requestStartFrame(headerOf(), 100 * mebi, new Uint8Array(1_024));
    responder.receive({ subject: SUBJECT, data, reply: `_INBOX.server.a.c.${i}` }, wire);
  }
  assert.equal(responder.underWay, 2, 'what they announce is room that nobody else gets');
  for (let i = 5_000; i < 10_000; i++) {
    const data = requestStartFrame(headerOf(), 2_000, new Uint8Array(1_024));
    responder.receive({ subject: SUBJECT, data, reply: `_INBOX.server.a.c.${i}` }, wire);
  }
  assert.equal(responder.underWay, 1_024);
  await clock.advance(10_010);
  assert.equal(responder.underWay, 0);
  assert.equal(drops.counts['incomplete'], 1_024);
});

test('more than may be sent is refused at its first part', () => {
  const { responder, wire, drops } = world();
  const data = requestStartFrame(headerOf(), 2 ** 32 - 1, new Uint8Array(1_024));
  responder.receive({ subject: SUBJECT, data, reply: '_INBOX.server.a.c.1' }, wire);
  assert.equal(responder.underWay, 0);
  assert.deepEqual(drops.counts, { tooLarge: 1 });
  assert.deepEqual(
    wire.sent.map((message) => frameKind(message.data)),
    [FrameKind.FAULT],
  );
});

test('whatever comes to an inbox, a waiting request ends once, at its deadline at the latest', async () => {
  const answers = fc.array(fc.record({ data: hostile, number: fc.constantFrom(1, 2, 99) }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(answers, async (all) => {
      const { clock, requester, wire } = world();
      let outcomes = 0;
      const via = { wire, lane: 'control' } as const;
      const to = { subject: SUBJECT, payload: new Uint8Array(10_000), options: { timeoutMs: CALL_MS } };
      const asked = requester.request(1, via, to).then(
        () => (outcomes += 1),
        () => (outcomes += 1),
      );
      for (const { data, number } of all) {
        const kind = frameKind(data);
        const msg = { subject: `_INBOX.server.us.c.${number}`, data, reply: '_INBOX.server.a.b.1' };
        if (kind !== undefined) requester.receive(number, kind, { msg, wire });
        await clock.settle();
      }
      await clock.advance(CALL_MS + 10);
      await asked;
      assert.equal(outcomes, 1);
      assert.equal(requester.pendingCount, 0);
    }),
    { numRuns: 300 },
  );
});

test('an answer to nothing and an answer that comes too late are told apart', async () => {
  const { clock, requester, wire, drops } = world();
  const to = { subject: SUBJECT, payload: new Uint8Array(1), options: { timeoutMs: 10 } };
  const asked = assert.rejects(requester.request(7, { wire, lane: 'control' }, to), { code: 'timeout' });
  await clock.runUntil(asked);
  const msg = { subject: '_INBOX.server.us.c.7', data: replyFrame(new Uint8Array(1)) };
  requester.receive(7, FrameKind.REPLY, { msg, wire });
  requester.receive(8, FrameKind.REPLY, { msg, wire });
  assert.deepEqual(drops.counts, { lateReply: 1, unknownReply: 1 });
});

test('another cluster that hears a request is no answer to it: the right one may still come', async () => {
  const { clock, requester, wire, drops } = world();
  const to = { subject: SUBJECT, payload: new Uint8Array(1), options: { timeoutMs: 1_000 } };
  const asked = requester.request(1, { wire, lane: 'control' }, to);
  const message = (data: Uint8Array) => ({ msg: { subject: '_INBOX.server.us.c.1', data }, wire });
  requester.receive(1, FrameKind.FAULT, message(faultFrame('otherCluster')));
  requester.receive(1, FrameKind.REPLY, message(replyFrame(Uint8Array.of(5))));
  assert.deepEqual([...(await clock.runUntil(asked))], [5]);
  assert.deepEqual(drops.counts, { otherCluster: 1 });
});

test('what is refused is told at most once a minute for each reason, with how often', async () => {
  const clock = new VirtualClock(0);
  const told: object[] = [];
  const logger = Object.assign(new ErrorLog(), { warn: (fields: object) => void told.push(fields) });
  const drops = new Drops(clock, logger);
  for (let i = 0; i < 1_000; i++) drops.add('foreign', 'a');
  drops.add('damaged', 'b');
  for (let i = 0; i < 100; i++) drops.add('lateReply', 'c');
  await clock.advance(60_000);
  drops.add('foreign', 'd');
  assert.deepEqual(told, [
    { reason: 'foreign', messages: 1, about: 'a' },
    { reason: 'damaged', messages: 1, about: 'b' },
    { reason: 'foreign', messages: 1_000, about: 'd' },
  ]);
  assert.deepEqual(drops.counts, { foreign: 1_001, damaged: 1, lateReply: 100 });
});
