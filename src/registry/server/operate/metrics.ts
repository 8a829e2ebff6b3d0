/** Numbers in Prometheus' text format 0.0.4. Names come from code, never from requests. */
export class Metrics {
  readonly #families = new Map<string, Family>();

  /** Adds to a counter: only ever grows. */
  count(name: string, help: string, labels: Labels = {}, by = 1): void {
    const series = this.#family(name, "counter", help).series;
    const key = formatLabels(labels);
    series.set(key, (series.get(key) ?? 0) + by);
  }

  /** Sets a gauge. */
  gauge(name: string, help: string, value: number, labels: Labels = {}): void {
    this.#family(name, "gauge", help).series.set(formatLabels(labels), value);
  }

  /** Adds one observation, in seconds, to a histogram. */
  observe(name: string, help: string, seconds: number, labels: Labels = {}): void {
    const { series } = this.#family(name, "histogram", help);
    const add = (suffix: string, extra: Labels, by: number): void => {
      const key = `${suffix}${formatLabels({ ...labels, ...extra })}`;
      series.set(key, (series.get(key) ?? 0) + by);
    };
    for (const bound of bounds) add("_bucket", { le: String(bound) }, seconds <= bound ? 1 : 0);
    add("_bucket", { le: "+Inf" }, 1);
    add("_sum", {}, seconds);
    add("_count", {}, 1);
  }

  format(): string {
    let text = "";
    for (const [name, { type, help, series }] of this.#families) {
      text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
      for (const [key, value] of series) text += `${name}${key} ${value}\n`;
    }
    return text;
  }

  #family(name: string, type: Family["type"], help: string): Family {
    let family = this.#families.get(name);
    if (family === undefined) this.#families.set(name, (family = { type, help, series: new Map() }));
    return family;
  }
}

type Labels = Readonly<Record<string, string>>;

interface Family {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  /** By suffix and labels, as they are printed. */
  readonly series: Map<string, number>;
}

const bounds = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escape(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
