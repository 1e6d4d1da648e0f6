/** One span, whoever has told of it. */
export interface TreeSpan {
  readonly service: string;
  readonly name: string;
  readonly spanId: string;
  /** Empty in the first of a trace. */
  readonly parentSpanId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

/** The spans of one trace, and how they hang together. */
export class TraceTree<S extends TreeSpan = TreeSpan> {
  readonly spans: readonly S[];
  readonly #byId: ReadonlyMap<string, S>;

  constructor(spans: Iterable<S>) {
    this.spans = [...spans].toSorted((a, b) => a.startMs - b.startMs);
    this.#byId = new Map(this.spans.map((span) => [span.spanId, span]));
  }

  get services(): readonly string[] {
    return [...new Set(this.spans.map(({ service }) => service))].sort();
  }

  /** Those that hang on nothing that is here: one, in a trace that is whole. */
  get roots(): readonly S[] {
    return this.spans.filter(({ parentSpanId }) => !this.#byId.has(parentSpanId));
  }

  named(service: string, name: string): readonly S[] {
    return this.spans.filter((span) => span.service === service && span.name === name);
  }

  children({ spanId }: S): readonly S[] {
    return this.spans.filter(({ parentSpanId }) => parentSpanId === spanId);
  }

  /** From the root to the span: `service: name`. */
  pathOf(span: S): readonly string[] {
    const parent = this.#byId.get(span.parentSpanId);
    const own = `${span.service}: ${span.name}`;
    return parent === undefined ? [own] : [...this.pathOf(parent), own];
  }
}
