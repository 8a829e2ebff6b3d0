/**
 * A worker that takes OTLP in JSON on a free port of 127.0.0.1 and gives it back in pieces: benchmarks block the main
 * thread while a command runs. Posts its port; answers every message with the parts of spans gathered since.
 */
import { createServer } from "node:http";
import { parentPort } from "node:worker_threads";

/** A span with what a profile needs of it. */
export interface Part {
  readonly service: string;
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly began: number;
  readonly milliseconds: number;
}

interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly { readonly value: { readonly stringValue: string } }[];
    };
    readonly scopeSpans: readonly { readonly spans: readonly ExportedSpan[] }[];
  }[];
}

interface ExportedSpan {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

let parts: Part[] = [];

const server = createServer((request, response) => {
  const body: Buffer[] = [];
  request.on("data", (chunk: Buffer) => body.push(chunk));
  request.on("end", () => {
    parts.push(...partsOf(JSON.parse(Buffer.concat(body).toString()) as ExportRequest));
    response.end("{}");
  });
});
server.listen(0, "127.0.0.1", () => parentPort?.postMessage((server.address() as { port: number }).port, []));
parentPort?.on("message", () => {
  parentPort?.postMessage(parts, []);
  parts = [];
});

function partsOf({ resourceSpans }: ExportRequest): Part[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = resource.attributes[0]?.value.stringValue ?? "";
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => partOf(service, span)));
  });
}

function partOf(service: string, span: ExportedSpan): Part {
  const [began, ended] = [BigInt(span.startTimeUnixNano), BigInt(span.endTimeUnixNano)];
  const { name, spanId, parentSpanId } = span;
  return {
    service,
    name,
    spanId,
    parentSpanId,
    began: Number(began / 1000n) / 1000,
    milliseconds: Number((ended - began) / 1000n) / 1000,
  };
}
