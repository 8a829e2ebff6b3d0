import { spawn } from "node:child_process";
import { SlipwayError } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { Credentials } from "./credentials.ts";

/** How an identity token is marked where a user name is expected. */
const tokenUser = "<token>";
const largestAnswer = 1 << 20;

/**
 * A credential helper of Docker: the program `docker-credential-<name>`, which takes a verb as its argument and the
 * rest on stdin, so that no secret shows in a process list.
 */
export class CredentialHelper {
  readonly #program: string;

  /** Throws `invalid_argument` for a name that is no plain word. */
  constructor(name: string) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
      throw new SlipwayError("invalid_argument", `Invalid credential helper ${JSON.stringify(name)}`);
    this.#program = `docker-credential-${name}`;
  }

  /** Undefined when the helper knows nothing of `server`. Throws `unavailable`. */
  async get(server: string, options?: CallOptions): Promise<Credentials | undefined> {
    const { code, output } = await this.#run("get", server, options);
    if (code !== 0 && /credentials not found/i.test(output)) return undefined;
    if (code !== 0) throw this.#failed("get", output);
    const { Username, Secret } = this.#parse(output);
    if (typeof Username !== "string" || typeof Secret !== "string")
      throw this.#failed("get", "unreadable answer");
    return Username === tokenUser ? { identitytoken: Secret } : { username: Username, password: Secret };
  }

  async store(server: string, credentials: Credentials, options?: CallOptions): Promise<void> {
    const { identitytoken, username, password } = credentials;
    const login = identitytoken
      ? { Username: tokenUser, Secret: identitytoken }
      : { Username: username ?? "", Secret: password ?? "" };
    const { code, output } = await this.#run(
      "store",
      JSON.stringify({ ServerURL: server, ...login }),
      options,
    );
    if (code !== 0) throw this.#failed("store", output);
  }

  /** That there was nothing to erase is no error. */
  async erase(server: string, options?: CallOptions): Promise<void> {
    const { code, output } = await this.#run("erase", server, options);
    if (code !== 0 && !/not found/i.test(output)) throw this.#failed("erase", output);
  }

  #run(
    verb: string,
    input: string,
    options: CallOptions = {},
  ): Promise<{ code: number | null; output: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.#program, [verb], {
        stdio: ["pipe", "pipe", "inherit"],
        ...(options.signal && { signal: options.signal }),
      });
      let output = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        if (output.length < largestAnswer) output += text;
      });
      child.once("error", (error) => reject(this.#failed(verb, error.message)));
      child.once("close", (code) => resolve({ code, output }));
      // A helper that does not read its input is told by its exit code.
      child.stdin.on("error", () => undefined).end(input);
    });
  }

  #parse(output: string): { Username?: unknown; Secret?: unknown } {
    try {
      return (JSON.parse(output) ?? {}) as { Username?: unknown; Secret?: unknown };
    } catch {
      throw this.#failed("get", "unreadable answer");
    }
  }

  #failed(verb: string, why: string): SlipwayError {
    const message = `Cannot ${verb} credentials with "${this.#program}": ${why.trim().slice(0, 300)}`;
    return new SlipwayError("unavailable", message);
  }
}
