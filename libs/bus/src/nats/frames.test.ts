import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestHeader } from '@duramesh/proto';
import {
  decodeFault,
  decodeLeft,
  decodeRequest,
  faultFrame,
  frameKind,
  FrameKind,
  leftFrame,
  requestFrame,
} from './frames.ts';
import { identityOf } from './identity.ts';
import {
  bulkInbox,
  inboxPrefix,
  inboxSubject,
  noticesOf,
  numberOfInbox,
  subjectOfWire,
  wireSubject,
} from './subjects.ts';

const header = RequestHeader.encode({
  remainingMs: 1_500,
  traceparent: '00-aa-bb-01',
  caller: 'me',
  attempt: 2,
  firstNumber: 7,
  remembered: true,
  ...identityOf('a'),
});

test('a request frame carries header and payload', () => {
  const frame = requestFrame(header, Uint8Array.of(7, 8, 9));
  assert.equal(frameKind(frame), FrameKind.REQUEST);
  const decoded = decodeRequest(frame);
  assert.deepEqual(decoded?.header, {
    remainingMs: 1_500,
    traceparent: '00-aa-bb-01',
    caller: 'me',
    attempt: 2,
    firstNumber: 7,
    remembered: true,
    ...identityOf('a'),
  });
  assert.deepEqual([...(decoded?.body ?? [])], [7, 8, 9]);
});

test('no cut of a frame is taken for more than it is', () => {
  const frame = requestFrame(header, Uint8Array.of(7, 8, 9));
  for (let length = 0; length < 4 + header.length; length++) {
    const cut = frame.subarray(0, length);
    assert.ok(frameKind(cut) === undefined || decodeRequest(cut) === undefined, `${length} bytes`);
  }
});

test('faults that travel keep their code, and what is unknown reads as a failed handler', () => {
  for (const code of [
    'noResponders',
    'overloaded',
    'tooLarge',
    'handlerFailed',
    'incompatible',
    'otherCluster',
  ] as const) {
    assert.equal(decodeFault(faultFrame(code)), code);
  }
  assert.equal(decodeFault(Uint8Array.of(0, 0, 99)), 'handlerFailed');
  assert.equal(decodeFault(Uint8Array.of()), 'handlerFailed');
});

test('subjects and inboxes find their way back from the wire', () => {
  for (const lane of ['control', 'bulk'] as const) {
    assert.equal(subjectOfWire(wireSubject('history.v1.m.1', lane)), 'history.v1.m.1');
    assert.equal(numberOfInbox(inboxSubject(inboxPrefix('history', 'bus', lane), 123_456)), 123_456);
    const inbox = inboxSubject(inboxPrefix('history', 'bus', lane), 5);
    assert.equal(bulkInbox(inbox), inboxSubject(inboxPrefix('history', 'bus', 'bulk'), 5));
  }
  assert.equal(bulkInbox('some.c.5'), 'some.c.5', 'an inbox that is not ours is left as it is');
});

test('filters that are left travel as they are, and go to number 0 of whoever has asked by either lane', () => {
  const frame = leftFrame(['a.v1.*.1', 'a.v1.*.2']);
  assert.equal(frameKind(frame), FrameKind.LEFT);
  assert.deepEqual(decodeLeft(frame), ['a.v1.*.1', 'a.v1.*.2']);
  const notices = inboxSubject(inboxPrefix('history', 'bus', 'control'), 0);
  for (const lane of ['control', 'bulk'] as const) {
    assert.equal(noticesOf(inboxSubject(inboxPrefix('history', 'bus', lane), 40)), notices);
  }
  for (const none of ['', '.', '_INBOX.x', '_INBOX.c.1', 'echo.v1.c.1']) {
    const found = noticesOf(none);
    assert.ok(found === undefined || found.startsWith('_INBOX.'), none);
  }
});
