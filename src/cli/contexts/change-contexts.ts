import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { atomicWrite } from "../../internal/atomic-write.ts";
import { tlsFiles, type Context, type ContextStore } from "./context-store.ts";

/** Writes the context's files, the certificates first: a context that is seen is whole. */
export async function putContext(store: ContextStore, context: Context): Promise<void> {
  const { name, description, endpoint } = context;
  const { meta, tls: certificates } = store.places(name);
  await mkdir(meta, { recursive: true, mode: 0o755 });
  for (const [part, file] of Object.entries(tlsFiles) as ["ca" | "cert" | "key", string][]) {
    const text = endpoint.tls?.[part];
    if (text === undefined) continue;
    await mkdir(join(certificates, "docker"), { recursive: true, mode: 0o700 });
    await atomicWrite(join(certificates, "docker", file), text, 0o600);
  }
  const docker = { Host: endpoint.host, SkipTLSVerify: endpoint.tls?.verify === false };
  const document = {
    Name: name,
    Metadata: description === "" ? {} : { Description: description },
    Endpoints: { docker },
  };
  await atomicWrite(join(meta, "meta.json"), JSON.stringify(document));
}

export async function removeContext(store: ContextStore, name: string): Promise<void> {
  const { meta, tls } = store.places(name);
  await rm(meta, { recursive: true, force: true });
  await rm(tls, { recursive: true, force: true });
}

/** Makes `name` the context that commands use, whatever Docker's client uses. */
export async function useContext(store: ContextStore, name: string): Promise<void> {
  const file = store.currentFile();
  await mkdir(dirname(file), { recursive: true, mode: 0o755 });
  await atomicWrite(file, `${name}\n`);
}
