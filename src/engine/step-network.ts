import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { CleanupStack } from "../internal/cleanup-stack.ts";
import { hostsFile, resolvConfFile } from "../network/files.ts";
import type { ExecParts, StepNetwork } from "../build/ops/exec.ts";
import type { ContainerHost } from "./containers/host.ts";

/** Where a step without a way out meets itself. */
const loopback = "127.0.0.1";

/** Gives a build step its network: the host's, none, or a namespace of its own on the default bridge. */
export function stepNetworks(host: ContainerHost): ExecParts["networkFor"] {
  return async (mode) => {
    if (mode === "host") return await hostNetwork();
    const cleanup = new CleanupStack();
    try {
      return await ownNetwork(host, mode === "none", cleanup);
    } catch (error) {
      await cleanup[Symbol.asyncDispose]();
      throw error;
    }
  };
}

async function hostNetwork(): Promise<StepNetwork> {
  return {
    namespace: "host",
    resolvConf: await readHost("/etc/resolv.conf"),
    hosts: await readHost("/etc/hosts"),
    hostGateway: loopback,
    [Symbol.asyncDispose]: async () => {},
  };
}

async function ownNetwork(
  host: ContainerHost,
  isolated: boolean,
  cleanup: CleanupStack,
): Promise<StepNetwork> {
  const id = `build-${randomBytes(8).toString("hex")}`;
  const path = await host.netns.create(id);
  cleanup.push(() => host.netns.delete(id));
  let hostGateway = loopback;
  if (!isolated) {
    const config = { containerId: id, containerName: id, ports: [] };
    const endpoint = await host.bridges.attach(host.networks.get("bridge"), path, config);
    cleanup.push(() => host.bridges.detach(endpoint));
    hostGateway = endpoint.gateway ?? loopback;
  }
  return {
    namespace: { path },
    resolvConf: resolvConfFile({ host: await readHost("/etc/resolv.conf") }),
    hosts: hostsFile({ hostname: "buildkitsandbox", addresses: [] }),
    hostGateway,
    [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
  };
}

async function readHost(path: string): Promise<string> {
  return await readFile(path, "utf8").catch(() => "");
}
