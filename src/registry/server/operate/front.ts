import { errorResponse, RegistryError } from "../registry-error.ts";
import type { RateLimiter } from "../rules/rate-limiter.ts";
import type { Registry } from "../registry.ts";
import { clientAddress, type ClientAddress } from "./client-address.ts";
import type { CrossOrigin } from "./cross-origin.ts";
import { Metrics } from "./metrics.ts";
import { countRequest, measureProcess } from "./request-metrics.ts";
import { recordRequest, type RequestNotes, type RequestRecord } from "./request-record.ts";

export interface FrontOptions {
  readonly registry: Registry;
  /** Answers `/token`. */
  readonly tokenIssuer?: ((request: Request) => Promise<Response>) | undefined;
  /** Shown under `/metrics`; without it the path is not there. */
  readonly metrics?: Metrics | undefined;
  readonly rateLimiter?: RateLimiter | undefined;
  /** Whom pages in browsers may be of. Default: of nobody. */
  readonly crossOrigin?: CrossOrigin | undefined;
  /** Who is behind the proxies in front. Default: whoever connects. */
  readonly client?: ClientAddress | undefined;
  /** Throws when the registry cannot do its work: `/healthz` answers 503 then. */
  readonly health?: (() => Promise<void>) | undefined;
  readonly onRequest?: ((record: RequestRecord) => void) | undefined;
}

type Peer = { readonly address: string | undefined };

/** All a registry's port answers: the registry, its token service, `/healthz` and `/metrics`; counted and told of. */
export class Front {
  readonly #options: FrontOptions;
  readonly #started = Date.now() / 1000;
  #inFlight = 0;
  #stopping = false;

  constructor(options: FrontOptions) {
    this.#options = options;
  }

  /** From now on `/healthz` tells load balancers to go elsewhere. */
  drain(): void {
    this.#stopping = true;
  }

  async handle(request: Request, { address }: Peer): Promise<Response> {
    const { client = clientAddress([]), crossOrigin } = this.#options;
    const first = crossOrigin?.preflight(request);
    if (first !== undefined) return first;
    const response = await this.#respond(request, { address: client(address, request.headers) });
    crossOrigin?.mark(request, response);
    return response;
  }

  async #respond(request: Request, peer: Peer): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/") return new Response("slipway registry: its API is below /v2/\n");
    if (pathname === "/healthz") return await this.#health();
    if (pathname === "/metrics" && this.#options.metrics !== undefined)
      return this.#metrics(this.#options.metrics);
    const start = performance.now();
    const notes: RequestNotes = {};
    this.#inFlight += 1;
    try {
      const response = this.#refusal(peer) ?? (await this.#answer(pathname, request, notes));
      const { account } = notes;
      this.#tell(recordRequest(request, response, { ...peer, account, ms: performance.now() - start }));
      return response;
    } finally {
      this.#inFlight -= 1;
    }
  }

  #refusal({ address }: Peer): Response | undefined {
    try {
      this.#options.rateLimiter?.take(address ?? "");
      return undefined;
    } catch (error) {
      if (error instanceof RegistryError) return errorResponse(error);
      throw error;
    }
  }

  async #answer(pathname: string, request: Request, notes: RequestNotes): Promise<Response> {
    const { registry, tokenIssuer } = this.#options;
    if (pathname === "/token" && tokenIssuer !== undefined) return await tokenIssuer(request);
    return await registry(request, notes);
  }

  async #health(): Promise<Response> {
    if (this.#stopping) return new Response("stopping\n", { status: 503 });
    try {
      await this.#options.health?.();
      return new Response("ok\n");
    } catch {
      return new Response("storage does not answer\n", { status: 503 });
    }
  }

  #metrics(metrics: Metrics): Response {
    measureProcess(metrics, this.#inFlight, this.#started);
    return new Response(metrics.format(), { headers: { "content-type": "text/plain; version=0.0.4" } });
  }

  #tell(record: RequestRecord): void {
    const { metrics, onRequest } = this.#options;
    if (metrics !== undefined) countRequest(metrics, record);
    onRequest?.(record);
  }
}
