import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isNativeError } from "node:util/types";
import type { WireTls } from "../../platform/unix-fetch.ts";
import { atomicWrite } from "../../internal/atomic-write.ts";
import { ExitError } from "../command.ts";

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

const tlsFiles = { ca: "ca.pem", cert: "cert.pem", key: "key.pem" } as const;

/**
 * The contexts below Docker's configuration directory, in Docker's own layout: `contexts/meta/<sha256 of the
 * name>/meta.json`, certificates in `contexts/tls/<sha256>/docker/`. Docker's client sees ours, and we see Docker's;
 * which one is in use is each program's own business.
 */
export class ContextStore {
  readonly #directory: string;

  constructor(configDirectory: string) {
    this.#directory = join(configDirectory, "contexts");
  }

  /** The context's files: metadata, and certificates. */
  places(name: string): { meta: string; tls: string } {
    const id = createHash("sha256").update(name).digest("hex");
    return { meta: join(this.#directory, "meta", id), tls: join(this.#directory, "tls", id) };
  }

  /** Throws {@link ExitError} when there is none of that name, or it has no engine. */
  get(name: string): Context {
    const text = read(join(this.places(name).meta, "meta.json"));
    if (text === undefined) throw new ExitError(1, `context "${name}": context not found`);
    return this.#parse(name, text);
  }

  has(name: string): boolean {
    return read(join(this.places(name).meta, "meta.json")) !== undefined;
  }

  list(): Context[] {
    const directory = join(this.#directory, "meta");
    const texts = entries(directory).map((id) => read(join(directory, id, "meta.json")));
    const named = texts.flatMap((text) => {
      const name = text === undefined ? undefined : (JSON.parse(text) as { Name?: unknown }).Name;
      return typeof name === "string" && text !== undefined ? [this.#parse(name, text)] : [];
    });
    return named.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async put({ name, description, endpoint: { host, tls } }: Context): Promise<void> {
    const { meta, tls: certificates } = this.places(name);
    await mkdir(meta, { recursive: true, mode: 0o755 });
    for (const [part, file] of Object.entries(tlsFiles) as ["ca" | "cert" | "key", string][]) {
      const text = tls?.[part];
      if (text === undefined) continue;
      await mkdir(join(certificates, "docker"), { recursive: true, mode: 0o700 });
      await atomicWrite(join(certificates, "docker", file), text, 0o600);
    }
    const docker = { Host: host, SkipTLSVerify: tls?.verify === false };
    const document = {
      Name: name,
      Metadata: description === "" ? {} : { Description: description },
      Endpoints: { docker },
    };
    await atomicWrite(join(meta, "meta.json"), JSON.stringify(document));
  }

  async remove(name: string): Promise<void> {
    const { meta, tls } = this.places(name);
    await rm(meta, { recursive: true, force: true });
    await rm(tls, { recursive: true, force: true });
  }

  /** The one that commands use when nothing else is said; undefined: the engine on this machine. */
  current(): string | undefined {
    const name = read(this.#currentFile())?.trim();
    return name === "" ? undefined : name;
  }

  async use(name: string | undefined): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o755 });
    if (name === undefined) await rm(this.#currentFile(), { force: true });
    else await atomicWrite(this.#currentFile(), `${name}\n`);
  }

  #currentFile(): string {
    return join(this.#directory, "slipway-current");
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
      const pem = read(join(directory, file));
      return pem === undefined ? [] : [[part, pem] as const];
    });
    const hasTls = parts.length > 0 || skip === true;
    const tls = { ...Object.fromEntries(parts), ...(skip === true && { verify: false }) };
    const endpoint = { host, ...(hasTls && { tls }) };
    return { name, description: document.Metadata?.Description ?? "", endpoint };
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return isNativeError(error) && ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
}
