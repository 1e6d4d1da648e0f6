import { assert, type Counter, type Gauge, type Histogram, type Metrics } from '@duramesh/runtime';

type Labels = Readonly<Record<string, string>>;

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const NO_LABELS: Labels = {};

const MS_BUCKETS = [0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6];
const BYTES_BUCKETS = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216];
const COUNT_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5];

/** By the unit a name ends in; latencies are in seconds, as existing dashboards take them. */
function bucketsFor(name: string): readonly number[] {
  if (/_(seconds|latency)$/.test(name)) return MS_BUCKETS.map((ms) => ms / 1000);
  if (/_(ms|milliseconds)$/.test(name)) return MS_BUCKETS;
  return /_(bytes|size)$/.test(name) ? BYTES_BUCKETS : COUNT_BUCKETS;
}

/** A path of label values: strings are looked up by the hash they keep, so nothing is built on the hot path. */
interface Branch<Cell> {
  readonly exposed: string;
  cell: Cell | undefined;
  readonly next: Map<string, Map<string, Branch<Cell>>>;
}

const branch = <Cell>(exposed: string): Branch<Cell> => ({ exposed, cell: undefined, next: new Map() });

/** One value of a metric: the labels as they are exposed, and as they are. */
interface Used<Cell> {
  readonly exposed: string;
  readonly labels: Labels;
  readonly cell: Cell;
}

/** The values of one metric by its labels. */
class Series<Cell> {
  readonly #create: () => Cell;
  /** Labels that come again and again are the same object: those need no walk. */
  readonly #known = new WeakMap<Labels, Cell>();
  readonly #root: Branch<Cell> = branch('');
  readonly #used: Used<Cell>[] = [];

  constructor(create: () => Cell) {
    this.#create = create;
  }

  cell(labels: Labels = NO_LABELS): Cell {
    return this.#known.get(labels) ?? this.#walk(labels);
  }

  entries(): readonly Used<Cell>[] {
    return this.#used;
  }

  #walk(labels: Labels): Cell {
    let at = this.#root;
    for (const name in labels) {
      const value = labels[name] ?? '';
      at = at.next.get(name)?.get(value) ?? grow(at, name, value);
    }
    const cell = at.cell ?? this.#add(at, labels);
    // Only what nobody can change keeps its meaning.
    if (Object.isFrozen(labels)) this.#known.set(labels, cell);
    return cell;
  }

  #add(at: Branch<Cell>, labels: Labels): Cell {
    const cell = this.#create();
    at.cell = cell;
    this.#used.push({ exposed: at.exposed, labels: { ...labels }, cell });
    return cell;
  }
}

function grow<Cell>(from: Branch<Cell>, name: string, value: string): Branch<Cell> {
  const grown = branch<Cell>(`${from.exposed}${from.exposed === '' ? '' : ','}${name}="${escapeValue(value)}"`);
  const byValue = from.next.get(name);
  if (byValue === undefined) from.next.set(name, new Map([[value, grown]]));
  else byValue.set(value, grown);
  return grown;
}

const escapeValue = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
const escapeHelp = (help: string): string => help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const braced = (labels: string): string => (labels === '' ? '' : `{${labels}}`);

type InstrumentType = 'counter' | 'gauge' | 'histogram';

/** One value of a metric right now. */
export interface Reading {
  readonly labels: Labels;
  /** Of a histogram, the sum of what was observed. */
  readonly value: number;
  /** Of a histogram: how much was observed up to each bound, and in the end beyond the last. */
  readonly buckets?: { readonly bounds: readonly number[]; readonly counts: Iterable<number> };
}

/** One metric right now. */
export interface Measured {
  readonly name: string;
  readonly help: string;
  readonly type: InstrumentType;
  readonly readings: readonly Reading[];
}

/** One metric, whatever its kind. */
interface Instrument {
  readonly type: InstrumentType;
  readonly help: string;
  samples(name: string): Iterable<string>;
  readings(): readonly Reading[];
}

class NumberInstrument implements Instrument, Counter, Gauge {
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly #series = new Series(() => ({ value: 0 }));

  constructor(type: 'counter' | 'gauge', help: string) {
    this.type = type;
    this.help = help;
  }

  add(amount: number, labels?: Labels): void {
    this.#series.cell(labels).value += amount;
  }

  set(value: number, labels?: Labels): void {
    this.#series.cell(labels).value = value;
  }

  *samples(name: string): Iterable<string> {
    for (const { exposed, cell } of this.#series.entries())
      yield `${name}${braced(exposed)} ${formatNumber(cell.value)}`;
  }

  readings(): readonly Reading[] {
    return this.#series.entries().map(({ labels, cell: { value } }) => ({ labels, value }));
  }
}

class HistogramInstrument implements Instrument, Histogram {
  readonly type = 'histogram';
  readonly help: string;
  readonly #bounds: readonly number[];
  readonly #series: Series<{ readonly counts: Float64Array; sum: number }>;

  constructor(help: string, bounds: readonly number[]) {
    this.help = help;
    this.#bounds = bounds;
    this.#series = new Series(() => ({ counts: new Float64Array(bounds.length + 1), sum: 0 }));
  }

  observe(value: number, labels?: Labels): void {
    const cell = this.#series.cell(labels);
    let bucket = 0;
    while (value > (this.#bounds[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
    cell.counts[bucket] = (cell.counts[bucket] ?? 0) + 1;
    cell.sum += value;
  }

  *samples(name: string): Iterable<string> {
    for (const { exposed, cell } of this.#series.entries()) {
      const { counts, sum } = cell;
      const prefix = exposed === '' ? '' : `${exposed},`;
      let total = 0;
      for (const [index, count] of counts.entries()) {
        total += count;
        yield `${name}_bucket{${prefix}le="${formatNumber(this.#bounds[index] ?? Number.POSITIVE_INFINITY)}"} ${total}`;
      }
      yield `${name}_sum${braced(exposed)} ${formatNumber(sum)}`;
      yield `${name}_count${braced(exposed)} ${total}`;
    }
  }

  readings(): readonly Reading[] {
    const bounds = this.#bounds;
    return this.#series.entries().map(({ labels, cell: { counts, sum } }) => {
      return { labels, value: sum, buckets: { bounds, counts } };
    });
  }
}

function formatNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

/** The metrics of one process, exposed as Prometheus reads them. */
export class MetricsRegistry implements Metrics {
  readonly #instruments = new Map<string, Instrument>();
  readonly #beforeExpose: (() => void)[] = [];

  counter(name: string, help: string): Counter {
    return this.#instrument(name, () => new NumberInstrument('counter', help), 'counter');
  }

  gauge(name: string, help: string): Gauge {
    return this.#instrument(name, () => new NumberInstrument('gauge', help), 'gauge');
  }

  histogram(name: string, help: string): Histogram {
    return this.#instrument(name, () => new HistogramInstrument(help, bucketsFor(name)), 'histogram');
  }

  /** Runs before each look at the values: for gauges that are read rather than kept. */
  beforeExpose(update: () => void): void {
    this.#beforeExpose.push(update);
  }

  /** The same as values. */
  read(): readonly Measured[] {
    for (const update of this.#beforeExpose) update();
    return Array.from(this.#instruments, ([name, instrument]) => {
      return { name, help: instrument.help, type: instrument.type, readings: instrument.readings() };
    });
  }

  /** Prometheus text format 0.0.4. */
  expose(): string {
    for (const update of this.#beforeExpose) update();
    const lines: string[] = [];
    for (const [name, instrument] of this.#instruments) {
      lines.push(`# HELP ${name} ${escapeHelp(instrument.help)}`, `# TYPE ${name} ${instrument.type}`);
      lines.push(...instrument.samples(name));
    }
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  #instrument<T extends Instrument>(name: string, create: () => T, type: Instrument['type']): T {
    assert(NAME.test(name), `${name} is no name for a metric`);
    const known = this.#instruments.get(name);
    assert(known === undefined || known.type === type, `metric ${name} is a ${known?.type ?? ''}, not a ${type}`);
    if (known !== undefined) return known as T;
    const instrument = create();
    this.#instruments.set(name, instrument);
    return instrument;
  }
}
