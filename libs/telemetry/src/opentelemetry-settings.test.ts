import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTelemetrySettings } from './opentelemetry-settings.ts';

test('nothing is sent unless a variable says where to, or that it is', () => {
  assert.equal(openTelemetrySettings({}), undefined);
  assert.equal(openTelemetrySettings({ OTEL_SERVICE_NAME: 'shop', OTEL_TRACES_SAMPLER: 'always_on' }), undefined);
  assert.equal(openTelemetrySettings({ OTEL_EXPORTER_OTLP_ENDPOINT: '' }), undefined);
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
  assert.equal(openTelemetrySettings(endpoint)?.traces, 'http/protobuf');
  assert.equal(openTelemetrySettings(endpoint)?.metrics, undefined);
  assert.equal(openTelemetrySettings({ OTEL_TRACES_EXPORTER: 'otlp' })?.traces, 'http/protobuf');
  assert.equal(openTelemetrySettings({ OTEL_METRICS_EXPORTER: 'otlp' })?.metrics, 'http/protobuf');
});

test('an endpoint is of no use once traces or everything is switched off', () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
  assert.equal(openTelemetrySettings({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }), undefined);
  assert.equal(openTelemetrySettings({ ...endpoint, OTEL_SDK_DISABLED: 'true' }), undefined);
});

test('what is said of one signal comes before what is said of all', () => {
  const settings = openTelemetrySettings({
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf',
  });
  assert.deepEqual([settings?.traces, settings?.metrics], ['grpc', 'http/protobuf']);
});

const refusals: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
  [{ OTEL_TRACES_EXPORTER: 'zipkin' }, /OTEL_TRACES_EXPORTER is 'zipkin'; known here: otlp, none/],
  [{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, /OTEL_EXPORTER_OTLP_PROTOCOL/],
  [{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_TRACES_SAMPLER: 'jaeger_remote' }, /OTEL_TRACES_SAMPLER is 'jaeger_remote'/],
  [{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_TRACES_SAMPLER_ARG: '1.5' }, /OTEL_TRACES_SAMPLER_ARG is '1.5'; .* 0 to 1/],
  [{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_BSP_MAX_QUEUE_SIZE: 'many' }, /OTEL_BSP_MAX_QUEUE_SIZE is 'many'/],
];

for (const [env, told] of refusals) {
  test(`a value that means nothing is refused: ${Object.keys(env).at(-1)}`, () => {
    assert.throws(() => openTelemetrySettings(env), told);
  });
}
