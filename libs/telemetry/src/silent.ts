import type { Logger, Metrics } from '@duramesh/runtime';

/** Drops every line. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};

const instrument = { add() {}, set() {}, observe() {} };

/** Counts nothing. */
export const noMetrics: Metrics = {
  counter: () => instrument,
  gauge: () => instrument,
  histogram: () => instrument,
};
