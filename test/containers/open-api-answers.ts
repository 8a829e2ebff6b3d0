import { join } from "node:path";
import { OpenApi } from "../api/openapi.ts";

const document = join(import.meta.dir, "../data/engine-api/swagger-v1.50.json");

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Call {
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, text as it is, said to be JSON; bytes as a tar. */
  readonly body?: object | string | undefined;
}

/** Requests to an engine's socket whose every answer must be what the OpenAPI document says. */
export class CheckedApi {
  /** The operations that were called: `GET /containers/{id}/json`. */
  readonly called = new Set<string>();
  readonly #api = new OpenApi(document);
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Every operation of the document. */
  get operations(): string[] {
    return this.#api.operations.map(({ method, template }) => `${method} ${template}`);
  }

  async call(method: string, path: string, body?: object | string): Promise<Answer> {
    return await this.ask(method, path, { body });
  }

  async ask(method: string, path: string, { body, headers }: Call): Promise<Answer> {
    const isBytes = body instanceof Uint8Array;
    const type = isBytes ? "application/x-tar" : "application/json";
    const sent = isBytes || typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(`http://engine${path.startsWith("/_ping") ? "" : "/v1.50"}${path}`, {
      unix: this.#socket,
      method,
      headers: { ...(body !== undefined && { "Content-Type": type }), ...headers },
      ...(body !== undefined && { body: sent }),
    });
    const text = await response.text();
    const operation = this.#api.find(method, path.split("?", 1)[0] ?? "");
    if (operation === undefined) throw new Error(`${method} ${path} is no operation`);
    this.called.add(`${method} ${operation.template}`);
    const problems = this.#api.problems(operation, response.status, text);
    if (problems.length > 0) throw new Error(`${method} ${path}: ${problems.join("; ")}\n${text}`);
    return { status: response.status, headers: response.headers, text };
  }
}
