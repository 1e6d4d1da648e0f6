import type { Plain, temporal } from '@duramesh/proto';

export type Command = Plain<temporal.api.command.v1.ICommand>;

/** temporal.api.enums.v1.CommandType */
export const COMMAND = {
  scheduleActivity: 1,
  requestCancelActivity: 2,
  startTimer: 3,
  complete: 4,
  fail: 5,
  cancelTimer: 6,
  cancelWorkflow: 7,
  cancelExternal: 8,
  recordMarker: 9,
  continueAsNew: 10,
  startChild: 11,
  signalExternal: 12,
  upsertSearchAttributes: 13,
  protocolMessage: 14,
  modifyProperties: 16,
} as const;

export const seconds = (durationMs: number): { seconds: number; nanos: number } => ({
  seconds: Math.floor(durationMs / 1000),
  nanos: (durationMs % 1000) * 1e6,
});
