import { userInfo } from "node:os";
import { spawn } from "node:child_process";
import { SlipwayError } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import { proxyVariables, type WebAccess } from "../web-access.ts";
import { defaultPath } from "../plan/stage-state.ts";

export interface GitCredentials {
  /** Secret `GIT_AUTH_TOKEN`: a token for a server that is reached by HTTPS. */
  readonly token?: string | undefined;
  /** Secret `GIT_AUTH_HEADER`: the whole value of the header. */
  readonly header?: string | undefined;
}

/** What lets git in: none of it is in an argument, where other users of the machine could read it. */
export interface GitAccess extends GitCredentials {
  /** Socket of an SSH agent. */
  readonly agent?: string | undefined;
  /** Secrets for one host: `GIT_AUTH_TOKEN.github.com`. They win over those for all. */
  readonly forHost?: (host: string) => GitCredentials;
  /** File with the keys of SSH servers that were met before; a server's first key is added. Default: none is kept. */
  readonly knownHosts?: string | undefined;
}

const maxOutput = 1 << 20;
/** Programs of the host that a repository's address could name otherwise (`ext::…`) are never run. */
const protocols = "http:https:git:ssh";

/** A repository as the system's git reaches it. No configuration of the user's or the machine's takes part. */
export class GitRemote {
  /** Without user and password; may be shown. */
  readonly url: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(remote: string, access: GitAccess & { readonly web: WebAccess }) {
    const { url, header } = withoutPassword(remote);
    this.url = url;
    this.#env = gitEnv(url, access, header ?? authorization(url, access));
  }

  /** Runs git and gives what it prints. Throws `unavailable` with what git says. */
  async git(args: readonly string[], { signal, cwd }: CallOptions & { cwd?: string }): Promise<string> {
    const child = spawn("git", [...hardened, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: this.#env,
      ...(cwd !== undefined && { cwd }),
      ...(signal !== undefined && { signal }),
    });
    const said = { out: "", err: "" };
    child.stdout.on("data", (data: Buffer) => (said.out = keep(said.out, data)));
    child.stderr.on("data", (data: Buffer) => (said.err = keep(said.err, data)));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", (cause) => reject(cannotRun(cause, signal)));
      child.on("close", resolve);
    });
    if (code === 0) return said.out;
    signal?.throwIfAborted();
    throw new SlipwayError("unavailable", `failed to fetch remote ${this.url}: ${said.err.trim()}`);
  }
}

const hardened = ["-c", "protocol.allow=user", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0"];

function cannotRun(cause: Error, signal: AbortSignal | undefined): Error {
  if (signal?.aborted === true) return cause;
  const isMissing = (cause as NodeJS.ErrnoException).code === "ENOENT";
  const why = isMissing ? "git is not installed on this machine" : cause.message;
  return new SlipwayError("unavailable", `Cannot fetch a git repository: ${why}`, { cause });
}

/** A password in the address becomes a header. */
function withoutPassword(remote: string): { url: string; header?: string } {
  if (!/^https?:/i.test(remote) || !URL.canParse(remote)) return { url: remote };
  const url = new URL(remote);
  if (url.username === "" && url.password === "") return { url: remote };
  const header = basic(decodeURIComponent(url.username), decodeURIComponent(url.password));
  url.username = "";
  url.password = "";
  return { url: url.href, header };
}

function authorization(url: string, { forHost, ...all }: GitAccess): string | undefined {
  const own = URL.canParse(url) ? forHost?.(new URL(url).host) : undefined;
  return credential(own ?? {}) ?? credential(all);
}

function credential({ token, header }: GitCredentials): string | undefined {
  if (header !== undefined) return header.trim();
  return token === undefined ? undefined : basic("x-access-token", token.trim());
}

function basic(user: string, password: string): string {
  return `basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

/** The keys of SSH servers that the engine's user knows, for the first is where a new one is written. */
function sshCommand(knownHosts: string | undefined): string {
  const files = [knownHosts ?? "/dev/null", `${userInfo().homedir}/.ssh/known_hosts`];
  const options = [
    "BatchMode=yes",
    "StrictHostKeyChecking=accept-new",
    `"UserKnownHostsFile=${files.map(quoted).join(" ")}"`,
  ];
  return `ssh -F /dev/null ${options.map((option) => `-o ${option}`).join(" ")}`;
}

/** For ssh's option inside of the shell's double quotes. */
function quoted(path: string): string {
  return path.replace(/[\\"$`]/g, "\\$&").replaceAll(" ", "\\ ");
}

function gitEnv(
  url: string,
  { agent, knownHosts, web }: GitAccess & { readonly web: WebAccess },
  header: string | undefined,
): NodeJS.ProcessEnv {
  const isWeb = /^https?:/i.test(url);
  return {
    PATH: defaultPath,
    HOME: "/nonexistent",
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_ALLOW_PROTOCOL: protocols,
    GIT_SSH_COMMAND: sshCommand(knownHosts),
    ...proxyVariables(web),
    ...(web.caFile !== undefined && { GIT_SSL_CAINFO: web.caFile }),
    ...(agent !== undefined && { SSH_AUTH_SOCK: agent }),
    ...(header !== undefined &&
      isWeb && {
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: `http.${new URL(url).origin}.extraheader`,
        GIT_CONFIG_VALUE_0: `Authorization: ${header}`,
      }),
  };
}

function keep(before: string, data: Buffer): string {
  return before.length < maxOutput ? before + data.toString() : before;
}
