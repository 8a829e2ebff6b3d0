import type { Attributes, AttributeValue } from "@opentelemetry/api";
import type { EndedSpan } from "./tracer.ts";

const mostHeld = 2048;
const batch = 512;
const everyMs = 1000;

export interface ExporterConfig {
  /** The whole address, as `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `service.name` of the resource. */
  readonly service: string;
}

/**
 * Posts ended spans as OTLP over HTTP in JSON (OTLP specification 1.x, "OTLP/HTTP"), some at a time. Telemetry never
 * stands in anybody's way: what the collector does not take within five seconds, and what comes while 2,048 spans are
 * waiting, is dropped; `warn` tells of it once.
 */
export class SpanExporter {
  readonly #config: ExporterConfig;
  readonly #warn: (message: string) => void;
  readonly #held: EndedSpan[] = [];
  #timer: NodeJS.Timeout | undefined;
  #warned = false;

  constructor(config: ExporterConfig, warn: (message: string) => void) {
    this.#config = config;
    this.#warn = warn;
  }

  add(span: EndedSpan): void {
    if (this.#held.length >= mostHeld) return this.#complain("too many spans are waiting");
    this.#held.push(span);
    this.#timer ??= setTimeout(() => void this.flush(), everyMs).unref();
  }

  /** Sends what is held. Never throws. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#held.length > 0) await this.#post(this.#held.splice(0, batch));
  }

  async #post(spans: readonly EndedSpan[]): Promise<void> {
    try {
      const { url, headers, service } = this.#config;
      const answer = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(exportRequest(service, spans)),
        signal: AbortSignal.timeout(5000),
      });
      await answer.body?.cancel();
      if (!answer.ok) this.#complain(`it answered ${answer.status}`);
    } catch (error) {
      this.#complain(error instanceof Error ? error.message : String(error));
    }
  }

  #complain(why: string): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#warn(`Cannot send spans to ${this.#config.url}: ${why}; telemetry is incomplete`);
  }
}

/** `ExportTraceServiceRequest` in OTLP's JSON: ids in hex, times as strings of nanoseconds. */
function exportRequest(service: string, spans: readonly EndedSpan[]): object {
  const scopes = [...new Set(spans.map(({ scope }) => scope))];
  return {
    resourceSpans: [
      {
        resource: { attributes: keyValues({ "service.name": service, "process.pid": process.pid }) },
        scopeSpans: scopes.map((name) => ({
          scope: { name },
          spans: spans.filter(({ scope }) => scope === name).map(exportedSpan),
        })),
      },
    ],
  };
}

function exportedSpan(span: EndedSpan): object {
  return {
    ...ids(span.context),
    ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: span.kind + 1,
    startTimeUnixNano: nanoseconds(span.began),
    endTimeUnixNano: nanoseconds(span.ended),
    attributes: keyValues(span.attributes),
    links: span.links.map(({ context, attributes = {} }) => ({
      ...ids(context),
      attributes: keyValues(attributes),
    })),
    events: span.events.map(({ name, time, attributes }) => ({
      name,
      timeUnixNano: nanoseconds(time),
      attributes: keyValues(attributes),
    })),
    status: span.status,
  };
}

function ids({ traceId, spanId }: { traceId: string; spanId: string }) {
  return { traceId, spanId };
}

/** A double holds a time of today to a quarter of a microsecond. */
function nanoseconds(milliseconds: number): string {
  return String(BigInt(Math.round(milliseconds * 1000)) * 1000n);
}

function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  );
}

function anyValue(value: AttributeValue | null | undefined): object {
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number")
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { stringValue: String(value ?? "") };
}
