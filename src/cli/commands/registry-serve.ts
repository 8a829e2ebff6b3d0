import { keepMemorySmall } from "../../platform/small-memory.ts";
import { arity, command } from "../command.ts";
import { optional } from "../flags/flag.ts";
import { findUpstreams } from "../registry/upstreams.ts";
import { registryServerConfig } from "../registry/server-config.ts";

export default command({
  usage: "registry serve [OPTIONS]",
  summary: "Serve a registry (OCI distribution API)",
  flags: {
    config: optional("Configuration file, YAML or JSON", { kind: "file" }),
    listen: optional("Address to listen on (default 127.0.0.1:5000)", { kind: "host:port" }),
    root: optional("Directory of the registry's data", { kind: "directory" }),
    htpasswd: optional("Let in only users of this bcrypt htpasswd file", { kind: "file" }),
    "tls-cert": optional("Serve over TLS with this certificate (PEM)", { kind: "file" }),
    "tls-key": optional("Key of the certificate (PEM)", { kind: "file" }),
    "tls-client-ca": optional("Let in only clients with a certificate of this authority (PEM)", {
      kind: "file",
    }),
  },
  args: arity.none,
  async run({ flags }, context) {
    const { runRegistry } = await import("../../registry/server/operate/run-registry.ts");
    const config = await registryServerConfig(flags, context.env);
    const server = await runRegistry(config, {
      log: (line) => void context.stdout.write(line),
      upstream: await findUpstreams(config.proxy, process.env),
      onError: (error) => void context.stderr.write(`${String(error)}\n`),
    });
    context.stderr.write(`slipway registry on ${server.url}\n`);
    using _memory = keepMemorySmall();
    await signalled();
    context.stderr.write("slipway registry is stopping; a second signal ends it at once\n");
    await Promise.race([server.stop(), signalled()]);
    await server[Symbol.asyncDispose]();
    return 0;
  },
});

async function signalled(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
}
