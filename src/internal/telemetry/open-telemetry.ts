import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type SpanOptions,
} from "@opentelemetry/api";
import { atEnd, type Trace } from "../trace.ts";
import { ActiveContext } from "./active-context.ts";
import { SpanExporter } from "./exporter.ts";
import { TraceContextPropagator } from "./trace-context.ts";
import { RecordingTracerProvider } from "./tracer.ts";

export type TelemetryEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * A trace whose spans go to the collector that the environment names (OpenTelemetry's "OTLP Exporter Configuration":
 * `OTEL_EXPORTER_OTLP_[TRACES_]ENDPOINT`, `…_HEADERS`, `OTEL_SERVICE_NAME`), by the API package's global provider: one
 * that was registered before stays, and gets the spans. For the life of the process. Throws `invalid_argument` when the
 * address is none.
 */
export function openTelemetryTrace(
  env: TelemetryEnvironment,
  service: string,
  warn: (message: string) => void,
): Trace {
  const exporter = new SpanExporter(exporterConfig(env, service), warn);
  trace.setGlobalTracerProvider(new RecordingTracerProvider((span) => exporter.add(span)));
  context.setGlobalContextManager(new ActiveContext());
  propagation.setGlobalPropagator(new TraceContextPropagator());
  return {
    span: (name, work) => inSpan(name, {}, context.active(), work),
    headers: () => {
      const headers: Record<string, string> = {};
      propagation.inject(context.active(), headers);
      return headers;
    },
    serve: (headers, name, work) =>
      inSpan(name, { kind: SpanKind.SERVER }, propagation.extract(ROOT_CONTEXT, headers), work),
    flush: () => exporter.flush(),
  };
}

function inSpan<T>(name: string, options: SpanOptions, within: Context, work: () => T): T {
  return trace.getTracer("slipway").startActiveSpan(name, options, within, (span) => {
    const failed = (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message }).end();
    };
    return atEnd(work, () => span.end(), failed);
  });
}

function exporterConfig(env: TelemetryEnvironment, service: string) {
  const base = env["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "";
  const url = env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] || `${base.replace(/\/$/, "")}/v1/traces`;
  const headers = env["OTEL_EXPORTER_OTLP_TRACES_HEADERS"] ?? env["OTEL_EXPORTER_OTLP_HEADERS"] ?? "";
  return {
    url: new URL(url).href,
    headers: parseHeaders(headers),
    service: env["OTEL_SERVICE_NAME"] || service,
  };
}

/** `key=value,key=value`, values percent-encoded (W3C Baggage, section 3.3.1). */
function parseHeaders(text: string): Record<string, string> {
  const pairs = text.split(",").map((pair) => pair.split("="));
  return Object.fromEntries(
    pairs.flatMap(([key = "", ...value]) =>
      key.trim() === "" ? [] : [[key.trim(), decodeURIComponent(value.join("=").trim())]],
    ),
  );
}
