import type { TraceTree, TreeSpan } from './trace-tree.ts';

const ROW = 15;
const HEAD = 44;
const LABELS = 430;
const BARS = 620;
const MARGIN = 10;
const INDENT = 11;
const LEGEND = 175;
const TICKS = 5;
const colours = ['#1f6feb', '#2da44e', '#bf8700', '#8250df', '#cf222e', '#57606a'];

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const fixed = (value: number): string => value.toFixed(1).replace(/\.0$/, '');

interface Row {
  readonly span: TreeSpan;
  readonly depth: number;
}

/** Parents before their children, each level by time. */
function rowsOf(tree: TraceTree, spans: readonly TreeSpan[] = tree.roots, depth = 0): readonly Row[] {
  return spans.flatMap((span) => [{ span, depth }, ...rowsOf(tree, tree.children(span), depth + 1)]);
}

/** A trace as a picture: one line for each span, indented under its parent, and a bar for when it ran. */
export function waterfall(tree: TraceTree, title: string): string {
  const rows = rowsOf(tree);
  const startMs = Math.min(...tree.spans.map((span) => span.startMs));
  const totalMs = Math.max(...tree.spans.map(({ endMs }) => endMs)) - startMs;
  const xOf = (ms: number): number => LABELS + ((ms - startMs) / totalMs) * BARS;
  const colourOf = (service: string): string => colours[tree.services.indexOf(service) % colours.length] ?? '#000';
  const [width, height] = [LABELS + BARS + 2 * MARGIN + 50, HEAD + rows.length * ROW + MARGIN];
  const legend = tree.services.map((service, at) => {
    const x = MARGIN + at * LEGEND;
    const box = `<rect x="${x}" y="24" width="9" height="9" fill="${colourOf(service)}"/>`;
    return `${box}<text x="${x + 13}" y="32">${escape(service)}</text>`;
  });
  const ticks = Array.from({ length: TICKS + 1 }, (_, at) => {
    const x = fixed(LABELS + (BARS * at) / TICKS);
    const line = `<line x1="${x}" x2="${x}" y1="${HEAD - 4}" y2="${height - MARGIN}" stroke="#e5e7eb"/>`;
    return `${line}<text x="${x}" y="14" text-anchor="middle" fill="#666">${fixed((totalMs * at) / TICKS)} ms</text>`;
  });
  const lines = rows.map(({ span, depth }, at) => {
    const y = HEAD + at * ROW;
    const x = xOf(span.startMs);
    const barWidth = Math.max(xOf(span.endMs) - x, 1.5);
    const text = `<text x="${MARGIN + depth * INDENT}" y="${y + 10}">${escape(span.name)}</text>`;
    const bar = `<rect x="${fixed(x)}" y="${y + 2}" width="${fixed(barWidth)}" height="10" rx="1.5" fill="${colourOf(span.service)}"/>`;
    const took = `<text x="${fixed(x + barWidth + 4)}" y="${y + 10}" fill="#666">${fixed(span.endMs - span.startMs)}</text>`;
    return text + bar + took;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="10">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${MARGIN}" y="14" font-size="12" font-weight="bold">${escape(title)}</text>
${[...ticks, ...legend, ...lines].join('\n')}
</svg>
`;
}
