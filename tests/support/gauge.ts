import type { ServerProcess } from './server-process.ts';

/** What a server's metrics say of a gauge now; 0 when they do not name it. */
export async function gauge(
  { metricsUrl }: ServerProcess,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<number> {
  const text = await (await fetch(metricsUrl)).text();
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  const isIt = (line: string): boolean => line.startsWith(`${name}{`) && wanted.every((label) => line.includes(label));
  return Number(text.split('\n').find(isIt)?.split(' ').at(-1) ?? 0);
}
