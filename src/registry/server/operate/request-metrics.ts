import type { Metrics } from "./metrics.ts";
import type { RequestRecord } from "./request-record.ts";

/** Counts a request. Labels are of fixed sets, so that no client can make new series. */
export function countRequest(metrics: Metrics, record: RequestRecord): void {
  const route = routeOf(record.path);
  const method = methods.has(record.method) ? record.method : "other";
  const labels = { route, method, code: String(record.status) };
  metrics.count("slipway_registry_requests_total", "Requests answered", labels);
  metrics.observe(
    "slipway_registry_request_seconds",
    "Seconds from a request to the head of its answer",
    record.ms / 1000,
    { route },
  );
  metrics.count(
    "slipway_registry_received_bytes_total",
    "Announced bytes of request bodies",
    {},
    record.received,
  );
  metrics.count("slipway_registry_sent_bytes_total", "Announced bytes of answers", {}, record.sent);
}

/** The process itself, taken when it is asked for. */
export function measureProcess(metrics: Metrics, inFlight: number, startSeconds: number): void {
  metrics.gauge("slipway_registry_requests_in_flight", "Requests being answered", inFlight);
  metrics.gauge("process_resident_memory_bytes", "Resident memory", process.memoryUsage.rss());
  metrics.gauge("process_start_time_seconds", "When the process began, seconds since 1970", startSeconds);
}

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);

function routeOf(path: string): string {
  if (!path.startsWith("/v2/")) return path === "/token" ? "token" : "other";
  if (path === "/v2/") return "base";
  if (path === "/v2/_catalog") return "catalog";
  const kind = /\/(blobs\/uploads|blobs|manifests|tags|referrers)\/[^/]*$/.exec(path)?.[1];
  return kind === "blobs/uploads" ? "uploads" : (kind ?? "other");
}
