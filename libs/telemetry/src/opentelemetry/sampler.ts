import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { OpenTelemetrySettings, SamplerName } from '../opentelemetry-settings.ts';

const parentBased = (root: Sampler): Sampler => new ParentBasedSampler({ root });

const samplers: Readonly<Record<SamplerName, (ratio: number) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => parentBased(new AlwaysOnSampler()),
  parentbased_always_off: () => parentBased(new AlwaysOffSampler()),
  parentbased_traceidratio: (ratio) => parentBased(new TraceIdRatioBasedSampler(ratio)),
};

/** Who decides which requests are recorded. */
export const samplerOf = ({ sampler, samplingRatio }: OpenTelemetrySettings): Sampler =>
  samplers[sampler](samplingRatio);
