import type { Logger } from '@duramesh/runtime';
import pino from 'pino';
import { formatLine } from './text-format.ts';
import { parseTraceparent } from './traceparent.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Takes whole lines, each with its line feed. */
export interface LogSink {
  write(line: string): void;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** `json` for machines, one object a line; `text` for people. */
  readonly format: 'json' | 'text';
  readonly sink: LogSink;
  /** Colours in text. */
  readonly color?: boolean;
  /** Fields of every line. */
  readonly fields?: object;
  /** The trace context of what runs now; empty when it belongs to no trace. Named by a line that names none itself. */
  readonly traceparent?: () => string;
}

/**
 * Logs through pino. Fields may carry `traceparent`, which is written as `trace_id`, and an error as `error`.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { level, format, sink, color = false, fields = {}, traceparent } = options;
  const lines: LogSink = format === 'json' ? sink : { write: (line) => sink.write(formatLine(line, color)) };
  const root = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      ...(traceparent && { mixin: () => traced({ traceparent: traceparent() }) }),
      serializers: { error: pino.stdSerializers.err },
    },
    lines,
  );
  return new PinoLogger(Object.keys(fields).length === 0 ? root : root.child(traced(fields)));
}

class PinoLogger implements Logger {
  readonly #pino: pino.Logger;

  constructor(inner: pino.Logger) {
    this.#pino = inner;
  }

  debug(fields: object, message: string): void {
    if (this.#pino.isLevelEnabled('debug')) this.#pino.debug(traced(fields), message);
  }

  info(fields: object, message: string): void {
    if (this.#pino.isLevelEnabled('info')) this.#pino.info(traced(fields), message);
  }

  warn(fields: object, message: string): void {
    this.#pino.warn(traced(fields), message);
  }

  error(fields: object, message: string): void {
    this.#pino.error(traced(fields), message);
  }

  child(fields: object): Logger {
    return new PinoLogger(this.#pino.child(traced(fields)));
  }
}

function traced(fields: object): object {
  if (!('traceparent' in fields)) return fields;
  const { traceparent, ...rest } = fields;
  const context = typeof traceparent === 'string' ? parseTraceparent(traceparent) : undefined;
  return context === undefined ? rest : { ...rest, trace_id: context.traceId };
}
