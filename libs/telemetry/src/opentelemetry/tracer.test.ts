import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNRECORDED } from '@duramesh/runtime';
import { SpanStatusCode } from '@opentelemetry/api';
import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  type Sampler,
  SimpleSpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { parseTraceparent } from '../traceparent.ts';
import { ActiveFrames, OpenTelemetryTracer } from './tracer.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const sampled = `00-${TRACE}-${PARENT}-01`;
const unsampled = `00-${TRACE}-${PARENT}-00`;

function recording(root: Sampler = new AlwaysOnSampler()) {
  const exporter = new InMemorySpanExporter();
  const frames = new ActiveFrames();
  const tracerOf = (): OpenTelemetryTracer => {
    const spanProcessors = [new SimpleSpanProcessor({ exporter })];
    const provider = new TracerProvider({ sampler: new ParentBasedSampler({ root }), spanProcessors });
    return new OpenTelemetryTracer(provider.getTracer('test'), frames);
  };
  const spans = () => exporter.getFinishedSpans();
  return { tracer: tracerOf(), other: tracerOf(), spans };
}

test('a step is part of what its parent names, and what it awaits is part of it', async () => {
  const { tracer, spans } = recording();
  await tracer.begin(sampled, { name: 'request' }, async (span) => {
    assert.equal(tracer.active(), span);
    assert.equal(tracer.current(), span.traceparent);
    await Promise.resolve();
    await tracer.active()?.run({ name: 'call' }, async () => undefined);
  });
  const [call, request] = spans();
  assert.equal(request?.parentSpanContext?.spanId, PARENT);
  assert.equal(request?.spanContext().traceId, TRACE);
  assert.equal(call?.parentSpanContext?.spanId, request?.spanContext().spanId);
  assert.equal(tracer.current(), '');
});

test('what one service runs now is known to the others of the process', async () => {
  const { tracer, other } = recording();
  await tracer.begin('', { name: 'request' }, async (span) => assert.equal(other.active(), span));
});

test('nothing is recorded of a trace that is not sampled, and its context is handed on', async () => {
  const { tracer, spans } = recording();
  await tracer.run(unsampled, { name: 'call' }, async (span) => {
    assert.deepEqual([span.traceparent, tracer.active(), tracer.current()], ['', undefined, unsampled]);
  });
  assert.equal(tracer.record(unsampled, { name: 'wait', startMs: 1 }), unsampled);
  assert.equal(spans().length, 0);
});

test('a request that is not sampled has a trace all the same, so that its later steps are left out too', async () => {
  const { tracer, spans } = recording(new TraceIdRatioBasedSampler(0));
  await tracer.begin('', { name: 'request' }, async () => {
    assert.equal(parseTraceparent(tracer.current())?.sampled, false);
  });
  assert.equal(spans().length, 0);
});

test('a trace that is not recorded is kept in short, and is none for whoever takes it up', async () => {
  const { tracer, spans } = recording();
  const keep = async (): Promise<string> => tracer.kept();
  assert.equal(await tracer.run(unsampled, { name: 'call' }, keep), UNRECORDED);
  assert.equal(await tracer.begin(UNRECORDED, { name: 'request' }, keep), UNRECORDED);
  assert.equal(tracer.record(UNRECORDED, { name: 'wait', startMs: 1 }), UNRECORDED);
  assert.equal(spans().length, 0);
  const kept = await tracer.run(sampled, { name: 'call' }, keep);
  assert.equal(parseTraceparent(kept)?.traceId, TRACE);
  assert.equal(await tracer.run('', { name: 'background' }, keep), '');
});

test('a body without a parent belongs to nothing, whatever has set it off', async () => {
  const { tracer } = recording();
  await tracer.begin('', { name: 'request' }, () =>
    tracer.run('', { name: 'background' }, async () => {
      assert.deepEqual([tracer.active(), tracer.current()], [undefined, '']);
    }),
  );
});

test('what a step has set off and outlives it belongs to nothing', async () => {
  const { tracer } = recording();
  const { promise, resolve } = Promise.withResolvers<void>();
  let later = Promise.resolve('not yet');
  await tracer.begin('', { name: 'request' }, async () => {
    later = promise.then(() => tracer.current());
  });
  resolve();
  assert.equal(await later, '');
});

test('an error of ours marks its step, an answer that says no is noted only', async () => {
  const { tracer, spans } = recording();
  const thrown = (code: number) => Object.assign(new Error('no'), { code });
  for (const code of [5, 13]) {
    const failing = tracer.begin('', { name: `code ${code}` }, () => Promise.reject(thrown(code)));
    await assert.rejects(failing, { code });
  }
  const [notFound, internal] = spans();
  assert.deepEqual([notFound?.status.code, internal?.status.code], [SpanStatusCode.UNSET, SpanStatusCode.ERROR]);
  assert.equal(notFound?.attributes['rpc.grpc.status_code'], 5);
  assert.equal(notFound?.events[0]?.name, 'exception');
});

test('a step that has ended is recorded with the time that it took, and can be a parent', () => {
  const { tracer, spans } = recording();
  const startMs = Date.parse('2026-01-01T00:00:00Z');
  const wait = tracer.record(sampled, { name: 'wait', startMs, attributes: { queue: 'q' } });
  const [span] = spans();
  assert.deepEqual(span?.startTime, [startMs / 1000, 0]);
  assert.equal(parseTraceparent(wait)?.spanId, span?.spanContext().spanId);
});
