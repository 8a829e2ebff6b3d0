import { chmodSync, chownSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { SlipwayError } from "../../errors.ts";
import type { CleanupStack } from "../../internal/cleanup-stack.ts";
import type { OciMount } from "../../runtime/spec/oci-spec.ts";
import type { ExecMount } from "../vertex.ts";

type SshMount = Extract<ExecMount, { type: "ssh" }>;

export interface SshParts {
  readonly runDir: string;
  /** Sockets of SSH agents on this machine by id. */
  readonly agents: ReadonlyMap<string, string>;
}

/**
 * An SSH agent for one step (Dockerfile reference, "RUN --mount=type=ssh"): a socket of its own, for an agent talks to
 * no user but its own, that passes everything on. Undefined when the build has no such agent and the step can do
 * without; else throws `invalid_argument`.
 */
export async function sshMount(
  parts: SshParts,
  { id, target, required, uid, gid, mode }: SshMount,
  undo: CleanupStack,
): Promise<(OciMount & { readonly isFile: true }) | undefined> {
  const agent = parts.agents.get(id);
  if (agent === undefined) {
    if (!required) return undefined;
    throw new SlipwayError("invalid_argument", `no SSH key "${id}" forwarded from the client`);
  }
  const path = `${parts.runDir}/ssh-${crypto.randomUUID().slice(0, 8)}`;
  const forwarder = new AgentForwarder(agent);
  undo.push(() => forwarder.close());
  undo.push(() => rmSync(path, { force: true }));
  await forwarder.listen(path);
  chownSync(path, uid, gid);
  chmodSync(path, mode);
  return { destination: target, type: "bind", source: path, options: ["rbind", "rw"], isFile: true };
}

/** Joins every connection to its own socket with one to the agent's. */
class AgentForwarder {
  readonly #agent: string;
  readonly #open = new Set<Socket>();
  readonly #server: Server;

  constructor(agent: string) {
    this.#agent = agent;
    this.#server = createServer((step) => this.#join(step));
  }

  async listen(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(path, resolve);
    });
  }

  #join(step: Socket): void {
    const agent = connect(this.#agent);
    for (const [socket, other] of [
      [step, agent],
      [agent, step],
    ] as const) {
      this.#open.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#open.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }

  /** Cuts what is still connected. */
  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
  }
}
