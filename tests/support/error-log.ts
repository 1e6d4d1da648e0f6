import type { Logger } from '@duramesh/runtime';

/** Keeps the messages of what was logged as a warning or an error. */
export class ErrorLog implements Logger {
  readonly lines: string[] = [];

  debug(): void {
    // Not what an operator must see.
  }
  info(): void {
    // Not what an operator must see.
  }
  warn(_: object, message: string): void {
    this.lines.push(message);
  }
  error(_: object, message: string): void {
    this.lines.push(message);
  }
  child(): Logger {
    return this;
  }
}
