/** A duration for people: `0.4 s`, `83 s`. */
export function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(durationMs < 10_000 ? 1 : 0)} s`;
}

export function indent(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, '    ');
}
