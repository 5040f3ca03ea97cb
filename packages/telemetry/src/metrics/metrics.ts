/**
 * The metrics of this process, for Prometheus. They are the process's: should several services run in one, as tests do, they
 * count together.
 */
import type { Counter as CounterType, Gauge as GaugeType, Histogram as HistogramType } from "prom-client";
import { ABOUT_THE_PROCESS, Counter, Gauge, Histogram, Registry } from "./library.js";
import {
  METRICS,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricName,
} from "./names.js";

/** What is read rather than recorded. */
type ReadName = GaugeName | CounterName;

/** Values of a metric, each with its labels. */
export type Reading<Name extends ReadName> = Iterable<readonly [labels: LabelsOf<Name>, value: number]>;

const registry = new Registry();
const made = new Map<MetricName, unknown>();
const readings = new Map<ReadName, Set<() => Reading<ReadName>>>();

/** Adds to a counter. Cheap, and cheaper once for a batch than for each of it. */
export function count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by = 1): void {
  if (by > 0) counter(name).inc(labels, by);
}

/** @param seconds how long it took. */
export function observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, seconds: number): void {
  histogram(name).observe(labels, seconds);
}

/**
 * Has a gauge, or a counter that somebody counts anyway, read whenever somebody asks for metrics.
 *
 * @param read must be quick, ask nobody, and not throw.
 * @returns a function that ends it.
 */
export function readOnDemand<Name extends ReadName>(name: Name, read: () => Reading<Name>): () => void {
  const sources = sourcesOf(name);
  sources.add(read);
  return () => void sources.delete(read);
}

/** Everything in Prometheus's text format, version 0.0.4. */
export function renderMetrics(): Promise<string> {
  return registry.metrics();
}

export const METRICS_MEDIA_TYPE = registry.contentType;

/** Begins to watch the process itself. May be called again. */
export function watchProcess(): void {
  for (const watch of watchers.splice(0)) watch(registry);
}

const watchers = [...ABOUT_THE_PROCESS];

const counter = (name: CounterName): CounterType => once(name, (settings) => new Counter(settings));

const histogram = (name: HistogramName): HistogramType =>
  once(name, (settings) => new Histogram({ ...settings, buckets: [...METRICS[name].buckets] }));

function sourcesOf(name: ReadName): Set<() => Reading<ReadName>> {
  const known = readings.get(name);
  if (known !== undefined) return known;
  const sources = new Set<() => Reading<ReadName>>();
  readings.set(name, sources);
  const collect = function (this: GaugeType | CounterType): void {
    this.reset();
    for (const read of sources) for (const [labels, value] of read()) this.inc(labels, value);
  };
  once(name, (settings) =>
    METRICS[name].type === "gauge" ? new Gauge({ ...settings, collect }) : new Counter({ ...settings, collect }),
  );
  return sources;
}

interface MetricSettings {
  name: string;
  help: string;
  labelNames: string[];
  registers: (typeof registry)[];
}

function once<Metric>(name: MetricName, make: (settings: MetricSettings) => Metric): Metric {
  const known = made.get(name);
  if (known !== undefined) return known as Metric;
  const { help, labels } = METRICS[name];
  const metric = make({ name, help, labelNames: [...labels], registers: [registry] });
  made.set(name, metric);
  return metric;
}
