import { bothTraces, noTrace, printingTrace, type Trace } from "../trace.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The trace that the environment asks for: printed lines under `SLIPWAY_TRACE=1`, spans to a collector when an OTLP
 * endpoint is set, both, or none. OpenTelemetry's package is loaded only for the second.
 */
export async function askedTrace(
  env: Environment,
  service: string,
  print: (line: string) => void,
): Promise<Trace> {
  const printing = env["SLIPWAY_TRACE"] ? printingTrace(print) : undefined;
  if (!env["OTEL_EXPORTER_OTLP_ENDPOINT"] && !env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
    return printing ?? noTrace;
  const { openTelemetryTrace } = await import("./open-telemetry.ts");
  const spans = openTelemetryTrace(env, service, print);
  return printing === undefined ? spans : bothTraces(spans, printing);
}
