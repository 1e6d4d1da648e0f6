const ports = 'L2 ports and adapters';

/**
 * Who may import whom. A package imports from the layers below it, never from its own or a higher one;
 * `apps/duramesh` puts the apps together, and tests and their tools may use anything.
 */
const layers: Readonly<Record<string, readonly string[]>> = {
  'L0 foundations': ['runtime', 'proto'],
  'L1 pure': ['engine', 'contracts'],
  [ports]: ['bus', 'persistence', 'visibility', 'telemetry', 'config'],
  'L2 on top of the ports': ['membership', 'invariants'],
  'L3 services': ['frontend', 'history', 'matching', 'worker'],
  'L3 composition root': ['duramesh'],
  'L4 tests and their tools': ['testkit', 'simulator', 'tests', 'root'],
};

const titles = Object.keys(layers);
/** Tests beside the source of any layer may use these. */
const testTools = ['testkit', 'simulator'];
/** The list filter grammar is pure: stores turn it into queries. */
const exceptions: readonly (readonly [from: string, to: string])[] = [['persistence', 'visibility']];

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
  readonly fromTest: boolean;
}

function layerOf(name: string): number {
  return titles.findIndex((title) => layers[title]?.includes(name));
}

export function isKnown(name: string): boolean {
  return layerOf(name) >= 0;
}

/** Names every package that `name` may import, for messages. */
export function allowedFor(name: string): string {
  const layer = layerOf(name);
  const below = titles.slice(0, layer).flatMap((title) => layers[title] ?? []);
  return below.length === 0 ? 'nothing of ours' : below.join(', ');
}

/** @returns why the edge breaks the ladder, or undefined */
export function objection({ from, to, typeOnly, fromTest }: Edge): string | undefined {
  if (from === to) return undefined;
  const [lower, upper] = [layerOf(to), layerOf(from)];
  const say = (why: string): string =>
    `${from} (${titles[upper]}) imports ${to} (${titles[lower]}): ${why}; allowed: ${allowedFor(from)}`;
  if (lower < 0) return `${from} imports ${to}, which the ladder does not know`;
  if (titles[upper]?.startsWith('L4')) return undefined;
  if (fromTest && testTools.includes(to)) return undefined;
  if (lower > upper) return say('a layer never looks up');
  if (lower < upper) return undefined;
  const amongPorts = titles[upper] === ports;
  if ((amongPorts && typeOnly) || exceptions.some(([a, b]) => a === from && b === to)) return undefined;
  return say(amongPorts ? 'neighbours share types only' : 'neighbours do not know each other');
}
