import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveHttp, type HttpServer, type HttpServerOptions } from "../../src/platform/http-server.ts";
import type { AccessController } from "../../src/registry/server/access.ts";
import { FixedAccounts } from "../../src/registry/server/accounts.ts";
import { FilesystemDriver } from "../../src/registry/server/filesystem-driver.ts";
import { accountsOnly } from "../../src/registry/server/policy.ts";
import { createRegistry, type Registry } from "../../src/registry/server/registry.ts";
import { TokenAccess } from "../../src/registry/server/token-access.ts";
import { createTokenIssuer } from "../../src/registry/server/token-issuer.ts";

export interface LocalRegistryOptions {
  readonly access?: (port: () => number) => AccessController;
  /** Answers before the registry does; undefined passes the request on. */
  readonly before?: (
    request: Request,
    registry: Registry,
  ) => Promise<Response | undefined> | Response | undefined;
  readonly tls?: HttpServerOptions["tls"];
}

/** A registry on loopback with a directory of its own, and a list of what it was asked. For tests. */
export class LocalRegistry implements AsyncDisposable {
  readonly requests: { readonly method: string; readonly path: string; readonly headers: Headers }[] = [];
  readonly root: string;
  #server: HttpServer | undefined;

  private constructor(root: string) {
    this.root = root;
  }

  static async open(options: LocalRegistryOptions = {}): Promise<LocalRegistry> {
    const local = new LocalRegistry(await mkdtemp(join(tmpdir(), "registry-")));
    const access = options.access?.(() => local.port);
    const registry = createRegistry({ storage: new FilesystemDriver(local.root), ...(access && { access }) });
    const handler = async (request: Request): Promise<Response> => {
      const { pathname, search } = new URL(request.url);
      local.requests.push({ method: request.method, path: pathname + search, headers: request.headers });
      return (await options.before?.(request, registry)) ?? (await registry(request));
    };
    const { tls } = options;
    local.#server = await serveHttp({ listen: { host: "127.0.0.1", port: 0 }, handler, ...(tls && { tls }) });
    return local;
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** `GET /v2/a/tags/list`, … without the pings. */
  asked(method?: string): string[] {
    return this.requests
      .filter((request) => (method === undefined || request.method === method) && request.path !== "/v2/")
      .map((request) => `${request.method} ${request.path}`);
  }

  async stop(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.root, { recursive: true, force: true });
  }
}

/** A registry that demands tokens as Docker Hub does: everyone may pull, `ann` (password `secret`) may push. */
export async function openHub(
  options: { anonymousPull: boolean } = { anonymousPull: true },
): Promise<LocalRegistry> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const names = { issuer: "hub", service: "registry.hub.test" };
  const accounts = new FixedAccounts({ ann: "secret" });
  const issuer = createTokenIssuer({ ...names, privateKey, accounts, policy: accountsOnly(options) });
  return await LocalRegistry.open({
    access: (port) => ({
      authorize: (request, access) =>
        new TokenAccess({ ...names, publicKey, realm: `http://127.0.0.1:${port()}/token` }).authorize(
          request,
          access,
        ),
    }),
    before: async (request) =>
      new URL(request.url).pathname === "/token" ? await issuer(request) : undefined,
  });
}
