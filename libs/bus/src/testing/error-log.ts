import type { Logger } from '@duramesh/runtime';

/** Keeps what was logged as errors, for tests. */
export class ErrorLog implements Logger {
  readonly errors: object[] = [];
  debug(): void {}
  info(): void {}
  warn(): void {}
  error(fields: object): void {
    this.errors.push(fields);
  }
  child(): Logger {
    return this;
  }
}
