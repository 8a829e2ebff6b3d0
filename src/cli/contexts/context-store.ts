import { join } from "node:path";
import { hashHex } from "../../platform/hash.ts";
import { readSmallFile } from "../../platform/small-file.ts";
import type { WireTls } from "../../platform/unix-fetch.ts";
import { ExitError } from "../command.ts";
import { directoryNames } from "../files.ts";

/** Where an engine is, and with which certificates it is spoken to. */
export interface Endpoint {
  readonly host: string;
  readonly tls?: WireTls | undefined;
}

export interface Context {
  readonly name: string;
  readonly description: string;
  readonly endpoint: Endpoint;
}

export const tlsFiles = { ca: "ca.pem", cert: "cert.pem", key: "key.pem" } as const;

/**
 * The contexts below Docker's configuration directory, in Docker's own layout: `contexts/meta/<sha256 of the
 * name>/meta.json`, certificates in `contexts/tls/<sha256>/docker/`. Docker's client sees ours, and we see Docker's.
 * Until `context use` chooses one for us, the one that Docker's client uses is ours too. Only reads, with little to
 * load: nearly every command asks which context is in use. `change-contexts.ts` writes.
 */
export class ContextStore {
  readonly #directory: string;
  readonly #dockerConfig: string;

  constructor(configDirectory: string) {
    this.#dockerConfig = join(configDirectory, "config.json");
    this.#directory = join(configDirectory, "contexts");
  }

  /** The context's files: metadata, and certificates. */
  places(name: string): { meta: string; tls: string } {
    const id = hashHex("sha256", name);
    return { meta: join(this.#directory, "meta", id), tls: join(this.#directory, "tls", id) };
  }

  /** Throws {@link ExitError} when there is none of that name, or it has no engine. */
  get(name: string): Context {
    const text = readSmallFile(join(this.places(name).meta, "meta.json"));
    if (text === undefined) throw new ExitError(1, `context "${name}": context not found`);
    return this.#parse(name, text);
  }

  has(name: string): boolean {
    return readSmallFile(join(this.places(name).meta, "meta.json")) !== undefined;
  }

  list(): Context[] {
    const directory = join(this.#directory, "meta");
    const texts = directoryNames(directory).map((id) => readSmallFile(join(directory, id, "meta.json")));
    const named = texts.flatMap((text) => {
      const name = text === undefined ? undefined : (JSON.parse(text) as { Name?: unknown }).Name;
      return typeof name === "string" && text !== undefined ? [this.#parse(name, text)] : [];
    });
    return named.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * The one that commands use when nothing else is said: our own choice, else `currentContext` of Docker's
   * `config.json`; undefined: the engine on this machine. Throws {@link ExitError} when that file is no JSON.
   */
  current(): string | undefined {
    return readSmallFile(this.currentFile())?.trim() || this.#dockerCurrent();
  }

  /** The file that names the context in use. */
  currentFile(): string {
    return join(this.#directory, "slipway-current");
  }

  #dockerCurrent(): string | undefined {
    const text = readSmallFile(this.#dockerConfig);
    if (text?.includes('"currentContext"') !== true) return undefined;
    try {
      const { currentContext } = JSON.parse(text) as { currentContext?: unknown };
      return typeof currentContext === "string" && currentContext !== "" ? currentContext : undefined;
    } catch (cause) {
      throw new ExitError(1, `Cannot read "${this.#dockerConfig}": not JSON`, { cause });
    }
  }

  #parse(name: string, text: string): Context {
    const document = JSON.parse(text) as {
      Metadata?: { Description?: string };
      Endpoints?: { docker?: { Host?: string; SkipTLSVerify?: boolean } };
    };
    const { Host: host, SkipTLSVerify: skip } = document.Endpoints?.docker ?? {};
    if (host === undefined) throw new ExitError(1, `context "${name}": it names no engine`);
    const directory = join(this.places(name).tls, "docker");
    const parts = Object.entries(tlsFiles).flatMap(([part, file]) => {
      const pem = readSmallFile(join(directory, file));
      return pem === undefined ? [] : [[part, pem] as const];
    });
    const hasTls = parts.length > 0 || skip === true;
    const tls = { ...Object.fromEntries(parts), ...(skip === true && { verify: false }) };
    const endpoint = { host, ...(hasTls && { tls }) };
    return { name, description: document.Metadata?.Description ?? "", endpoint };
  }
}
