import { randomBytes } from "node:crypto";
import { formatAddress } from "../../client/address.ts";
import { errorMessage, SlipwayError } from "../../errors.ts";
import { pageFiles } from "../../platform/page-files.ts";
import { serveHttp } from "../../platform/http-server.ts";
import type { SocketOpener } from "../../platform/server-socket.ts";
import { Assets } from "./assets.ts";
import type { EngineLine } from "./engine-line.ts";
import { checkCaller, isWrite } from "./guard.ts";
import { loginHeaders, type FindLogin, type LoginHeaders } from "./login-headers.ts";
import { noticeHtml, pageHtml } from "./page-html.ts";
import { passOn } from "./proxy.ts";
import { pageHeaders, safe } from "./response-headers.ts";
import { cookies, Sessions } from "./sessions.ts";
import { stream } from "./stream.ts";
import { terminal, terminalRequest } from "./terminal.ts";

export interface UiOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly engine: EngineLine;
  /** Nothing can be changed through this server, whatever the page asks for. */
  readonly readOnly: boolean;
  /** Names under which the page may be asked for, besides addresses and `localhost`. */
  readonly allowedHosts: readonly string[];
  readonly findLogin: FindLogin;
  /** of the program */
  readonly version: string;
}

export interface UiServer extends AsyncDisposable {
  readonly port: number;
  /** A link with a token that opens the page once. */
  newLink(): string;
}

/** Serves the page and passes its calls on to the engine. Throws `unavailable` when the address is taken. */
export async function serveUi(options: UiOptions): Promise<UiServer> {
  const assets = new Assets(await pageFiles());
  let ui: Ui | undefined;
  const opened = (): Ui => {
    if (ui === undefined) throw new SlipwayError("unavailable", "The server is starting");
    return ui;
  };
  const server = await serveHttp({
    listen: options.listen,
    handler: async (request) => safe(await opened().answer(request)),
    socket: (request) => opened().openSocket(request),
  });
  const port = server.port ?? 0;
  const sessions = new Sessions(port);
  ui = new Ui(options, assets, sessions);
  const { host } = options.listen;
  const shown = ["0.0.0.0", "::"].includes(host) ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return {
    port,
    newLink: () => `http://${shown}:${port}/?token=${sessions.newToken()}`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** What one server answers. */
class Ui {
  readonly #options: UiOptions;
  readonly #assets: Assets;
  readonly #sessions: Sessions;
  readonly #logins: LoginHeaders;

  constructor(options: UiOptions, assets: Assets, sessions: Sessions) {
    this.#options = options;
    this.#assets = assets;
    this.#sessions = sessions;
    this.#logins = loginHeaders(options.findLogin);
  }

  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    try {
      checkCaller(request, this.#options.allowedHosts);
      if (url.pathname.startsWith("/assets/")) return this.#asset(url.pathname.slice("/assets/".length));
      const token = url.searchParams.get("token");
      if (token !== null && url.pathname === "/") return this.#enter(request, token);
      if (!this.#sessions.isOpen(request)) return this.#noSession(url);
      if (url.pathname.startsWith("/api/")) return await this.#api(request);
      if (url.pathname === "/ui/session") return this.#session();
      if (isWrite(request)) throw new SlipwayError("not_found", "There is nothing here to change");
      return this.#page(request);
    } catch (error) {
      return refusal(error);
    }
  }

  openSocket(request: Request): SocketOpener | Response {
    try {
      checkCaller(request, this.#options.allowedHosts);
      if (!this.#sessions.isOpen(request)) return this.#noSession(new URL(request.url));
      const url = new URL(request.url);
      if (url.pathname === "/ws/get") return this.#stream(url.searchParams.get("path") ?? "");
      this.#refuseWrites(request);
      const isTerminal = url.pathname === "/ws/exec" || url.pathname === "/ws/attach";
      const wanted = isTerminal ? terminalRequest(url) : undefined;
      if (wanted === undefined) throw new SlipwayError("invalid_argument", "Invalid terminal request");
      return terminal(this.#options.engine, wanted);
    } catch (error) {
      return refusal(error);
    }
  }

  #stream(path: string): SocketOpener {
    if (!path.startsWith("/")) throw new SlipwayError("invalid_argument", "Invalid path");
    return stream(this.#options.engine, path);
  }

  async #api(request: Request): Promise<Response> {
    this.#refuseWrites(request);
    return await passOn(request, this.#options.engine, this.#logins);
  }

  #refuseWrites(request: Request): void {
    if (!this.#options.readOnly || !isWrite(request)) return;
    throw new SlipwayError("forbidden", "This page is read-only: it was started with --read-only");
  }

  #session(): Response {
    const { readOnly, version, engine } = this.#options;
    return Response.json({ readOnly, version, engine: formatAddress(engine.address) });
  }

  #enter(request: Request, token: string): Response {
    const cookie = this.#sessions.redeem(token);
    if (cookie !== undefined)
      return new Response(null, { status: 303, headers: { Location: "/", "Set-Cookie": cookie } });
    // The same link a second time, in the browser that it let in, just goes to the page.
    if (this.#sessions.isOpen(request))
      return new Response(null, { status: 303, headers: { Location: "/" } });
    return this.#noSession(new URL("/", request.url));
  }

  #page(request: Request): Response {
    const nonce = randomBytes(16).toString("base64");
    const theme = cookies(request).get("slipway_theme");
    const { script, style, font } = this.#assets;
    return new Response(pageHtml({ script, style, font, theme, nonce }), { headers: pageHeaders(nonce) });
  }

  #asset(name: string): Response {
    const found = this.#assets.answer(name);
    if (found === undefined) throw new SlipwayError("not_found", "No such file");
    return found;
  }

  #noSession({ pathname }: URL): Response {
    if (/^\/(api|ui|ws)\//.test(pathname))
      return refusal(new SlipwayError("unauthorized", "No session: open the link that slipway ui prints"));
    const text =
      "A link opens the page once, in one browser, until the command ends. For a new one run, or look at the output of:";
    const html = noticeHtml("This needs a fresh link", text, this.#assets.style);
    return new Response(html, { status: 401, headers: pageHeaders("none") });
  }
}

const statuses: Readonly<Record<string, number>> = {
  forbidden: 403,
  unauthorized: 401,
  invalid_argument: 400,
  not_found: 404,
};

function refusal(error: unknown): Response {
  const code = error instanceof SlipwayError ? error.code : "internal";
  const headers = { "Slipway-Error-Code": code };
  return Response.json({ message: errorMessage(error) }, { status: statuses[code] ?? 500, headers });
}
