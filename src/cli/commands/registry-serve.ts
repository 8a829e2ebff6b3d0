import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { arity, command } from "../command.ts";
import { string } from "../flags/flag.ts";
import { defaultRoot } from "../paths.ts";

export default command({
  usage: "registry serve [OPTIONS]",
  summary: "Serve a registry (OCI distribution API)",
  flags: {
    listen: string("Address to listen on", { initial: "127.0.0.1:5000", kind: "host:port" }),
    root: string("Directory of the registry's data"),
  },
  args: arity.none,
  async run({ flags }, context) {
    const { serveRegistry } = await import("../../registry/server/serve-registry.ts");
    const root = resolve(flags.root || `${defaultRoot(context.env)}-registry`);
    await mkdir(root, { recursive: true });
    const stop = new AbortController();
    const onError = (error: unknown) => void context.stderr.write(`${String(error)}\n`);
    const server = await serveRegistry({ listen: flags.listen, root, onError }, stop.signal);
    context.stderr.write(`slipway registry on ${flags.listen}, root ${root}\n`);
    await new Promise<void>((resolveEnd) => {
      process.once("SIGTERM", () => resolveEnd());
      process.once("SIGINT", () => resolveEnd());
    });
    await server.stop();
    return 0;
  },
});
