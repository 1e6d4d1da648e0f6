import type { BenchResult } from './run-bench.ts';

const round = (value: number, digits = 1): string => value.toFixed(digits);

/** A result for people, a fact a line. */
export function report(result: BenchResult): string {
  const { latencyMs, server, counts, database } = result;
  const what = result.scenario === 'signal' ? 'signal' : 'workflow';
  const lines = [
    `${result.scenario}, ${result.concurrency} at once: ${result.workflows} in ${round(result.seconds)} s`,
    `  ${round(result.perSecond)} ${what}s/s`,
    `  latency p50 ${round(latencyMs.p50)} ms, p90 ${round(latencyMs.p90)} ms, p99 ${round(latencyMs.p99)} ms, max ${round(latencyMs.max)} ms`,
    `  lost ${result.lost}, doubled ${result.doubled}`,
    `  generator: ${round(result.generatorCpuMs, 2)} ms CPU per ${what}`,
  ];
  if (server)
    lines.push(`  server: ${round(server.cpuMs, 2)} ms CPU per ${what}, ${round(server.rssMb, 0)} MB resident`);
  if (counts) {
    lines.push(
      `  per ${what}: ${round(counts.commits, 2)} commits, ${round(counts.statements)} statements, ${round(counts.rows)} rows, ` +
        `${round(counts.bytes / 1024)} KiB written, ${round(counts.reads)} reads, ${round(counts.busCalls)} calls between services`,
    );
  }
  if (database) {
    const { cpuMs, commits, logBytes } = database;
    const log = logBytes === undefined ? '' : `, ${round(logBytes / 1024)} KiB of log`;
    lines.push(`  database: ${round(cpuMs, 2)} ms CPU, ${round(commits, 2)} transactions${log} per ${what}`);
  }
  for (const [error, times] of Object.entries(result.errors)) lines.push(`  ${times} × ${error}`);
  return lines.join('\n');
}
