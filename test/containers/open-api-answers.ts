import { join } from "node:path";
import { OpenApi } from "../api/openapi.ts";

const document = join(import.meta.dir, "../data/engine-api/swagger-v1.50.json");

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Requests to an engine's socket whose every answer must be what the OpenAPI document says. */
export class CheckedApi {
  readonly #api = new OpenApi(document);
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  async call(method: string, path: string, body?: object | string): Promise<Answer> {
    const response = await fetch(`http://engine/v1.50${path}`, {
      unix: this.#socket,
      method,
      ...(body !== undefined && {
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: { "Content-Type": "application/json" },
      }),
    });
    const text = await response.text();
    const operation = this.#api.find(method, path.split("?", 1)[0] ?? "");
    if (operation === undefined) throw new Error(`${method} ${path} is no operation`);
    const problems = this.#api.problems(operation, response.status, text);
    if (problems.length > 0) throw new Error(`${method} ${path}: ${problems.join("; ")}\n${text}`);
    return { status: response.status, headers: response.headers, text };
  }
}
