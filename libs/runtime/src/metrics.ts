/** Label values must come from small closed sets: never ids of workflows. */
export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  add(amount: number, labels?: Labels): void;
}
export interface Gauge {
  set(value: number, labels?: Labels): void;
}
export interface Histogram {
  /** In the unit the metric's name ends in. */
  observe(value: number, labels?: Labels): void;
}

/** Where measurements go. Asking twice for one name gives the same instrument. */
export interface Metrics {
  counter(name: string, help: string): Counter;
  gauge(name: string, help: string): Gauge;
  histogram(name: string, help: string): Histogram;
}
