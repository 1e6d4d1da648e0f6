import assert from 'node:assert/strict';
import test from 'node:test';
import { internalCodec, messageType, publicCodec, type Codec } from './codec.ts';
import * as internal from './generated/internal.ts';
import { ExecutionInfo, NamespaceRef, PollTaskReply, StartWorkflowRequest } from './generated/internal.ts';

test('an internal message decodes with every scalar and list in place, and none of its lists is shared', () => {
  const [one, other] = [ExecutionInfo.create(), ExecutionInfo.decode(ExecutionInfo.encode(ExecutionInfo.create()))];
  assert.deepEqual(other, one);
  for (const field of messageType(ExecutionInfo.typeName).fieldsArray) {
    assert.ok(field.name in one, field.name);
    const value = one[field.name as keyof ExecutionInfo];
    if (!field.repeated) continue;
    assert.deepEqual(value, [], field.name);
    assert.notEqual(value, other[field.name as keyof ExecutionInfo], field.name);
  }
  assert.deepEqual([one.workflowId, one.attempt, one.cancelRequested, one.workflowTask], ['', 0, false, undefined]);
});

test('messages inside an internal message are filled too, public ones are left as they came', () => {
  const bytes = StartWorkflowRequest.encode({
    namespace: NamespaceRef.create({ id: 'a' }),
    request: { workflowId: 'w' },
  });
  const { namespace, request } = StartWorkflowRequest.decode(bytes);
  assert.deepEqual(namespace, NamespaceRef.create({ id: 'a' }));
  assert.equal(namespace?.name, '');
  assert.equal(request?.workflowId, 'w');
  assert.equal(request.identity, '');
  assert.equal(request.input, undefined);
});

test('what is unset is not written, in any message of our own', () => {
  const types = Object.values(internal).filter((value) => typeof value === 'object' && 'typeName' in value);
  assert.ok(types.length > 100);
  for (const { typeName } of types) {
    const codec = internalCodec<object>(typeName);
    assert.equal(codec.encode(codec.create()).length, 0, typeName);
    assert.equal(codec.encode(codec.decode(new Uint8Array())).length, 0, typeName);
  }
});

test('what cannot be encoded leaves nothing behind for the next message', () => {
  const payloads: Codec<object> = publicCodec('temporal.api.common.v1.Payloads');
  const good = { payloads: [{ data: Buffer.from('x'.repeat(400_000)) }] };
  const before = payloads.encode(good);
  const broken = {
    get data(): never {
      throw new Error('no data');
    },
  };
  assert.throws(() => payloads.encode({ payloads: [{ metadata: { a: Buffer.from('b') } }, broken] }), /no data/);
  assert.deepEqual(payloads.encode(good), before);
  assert.deepEqual(PollTaskReply.decode(PollTaskReply.encode(PollTaskReply.create())), PollTaskReply.create());
});

test('of two members of a oneof the one that comes last is kept', () => {
  const events: Codec<{ readonly attributes?: string }> = publicCodec('temporal.api.history.v1.HistoryEvent');
  const [started, fired] = [
    events.encode({ workflowTaskStartedEventAttributes: {} } as object),
    events.encode({ timerFiredEventAttributes: { timerId: 't' } } as object),
  ];
  const event = events.decode(Buffer.concat([started, fired]));
  assert.equal(event.attributes, 'timerFiredEventAttributes');
  assert.ok(!('workflowTaskStartedEventAttributes' in { ...event }));
});
