/** One command, its requests and what the engine did for them, as one trace at an OpenTelemetry collector. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { connectTo } from "../../src/client/connect.ts";
import { makeBusybox, newRoot, slipway, uninstall } from "./lab.ts";
import { until } from "../until.ts";

interface Span {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number };
}

interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly { readonly value: { readonly stringValue: string } }[];
    };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

/** Takes OTLP in JSON, and wants its key. */
function collector() {
  const spans: Span[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      expect(new URL(request.url).pathname).toBe("/v1/traces");
      expect(request.headers.get("x-key")).toBe("a b");
      const { resourceSpans } = (await request.json()) as ExportRequest;
      for (const { resource, scopeSpans } of resourceSpans)
        for (const scope of scopeSpans)
          for (const span of scope.spans)
            spans.push({ ...span, service: resource.attributes[0]?.value.stringValue ?? "" });
      return Response.json({});
    },
  });
  return { spans, server };
}

test("a command and the engine's work for it are one trace at the collector that the environment names", async () => {
  const { spans, server } = collector();
  const root = newRoot();
  const socket = join(root, "../engine.sock");
  const env = {
    ...process.env,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.port}`,
    OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%20b",
    SLIPWAY_ROOT: root,
    SLIPWAY_SOCKET: socket,
  };
  const engine = Bun.spawn([...slipway, "engine"], { env, stderr: "ignore" });
  try {
    const client = connectTo({ socketPath: socket });
    await until(
      async () =>
        await client.system.version().then(
          () => true,
          () => false,
        ),
      30_000,
    );
    await makeBusybox(client, root);
    const said = Bun.spawn([...slipway, "run", "--rm", "busybox", "echo", "hello"], { env });
    expect(await said.stdout.text()).toBe("hello\n");
    const failed = Bun.spawn([...slipway, "inspect", "nobody"], { env, stderr: "ignore" });
    expect(await failed.exited).toBe(1);
    engine.kill("SIGTERM");
    await engine.exited;
    checkRun(spans);
    const ask = spans.find(({ name, service }) => service === "slipway" && name.includes("nobody"));
    expect(ask).toBeDefined();
  } finally {
    engine.kill("SIGTERM");
    await engine.exited;
    await server.stop(true);
    await uninstall(root);
  }
}, 120_000);

function checkRun(spans: readonly Span[]): void {
  const create = spans.find(
    ({ name, service }) => service === "slipway" && name === "POST /containers/create",
  );
  const trace = spans.filter(({ traceId }) => traceId === create?.traceId);
  const command = trace.find(({ name }) => name === "command");
  expect(command?.parentSpanId).toBeUndefined();
  expect(create?.parentSpanId).toBe(command!.spanId);
  const served = trace.find(({ service, kind }) => service === "slipway-engine" && kind === 2);
  expect(served).toBeDefined();
  const mount = trace.find(({ name }) => name.endsWith(" mount"));
  expect(mount?.service).toBe("slipway-engine");
  for (const part of trace) {
    expect(part.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(BigInt(part.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(part.startTimeUnixNano));
  }
}

test("a collector that does not answer costs a warning and nothing else", () => {
  const env = {
    ...process.env,
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
    SLIPWAY_SOCKET: "/nowhere",
  };
  const said = Bun.spawnSync([...slipway, "--version"], { env });
  expect(said.exitCode).toBe(0);
  expect(said.stdout.toString()).toStartWith("Slipway version");
  expect(said.stderr.toString()).toContain("Cannot send spans to http://127.0.0.1:1/v1/traces");
});
