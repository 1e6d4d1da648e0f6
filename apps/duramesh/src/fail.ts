/** Ends the process with one line that says why. */
export function fail(message: string, exitCode: number): void {
  process.stderr.write(`duramesh: ${message}\n`, () => process.exit(exitCode));
}
