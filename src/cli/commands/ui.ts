import { arity, command, ExitError } from "../command.ts";
import { bool, list, string } from "../flags/flag.ts";
import { registryAuth } from "../registry/auth.ts";
import { programVersion } from "../version.ts";

export default command({
  usage: "ui [OPTIONS]",
  summary: "Show images, builds and containers in the browser",
  flags: {
    listen: string("Address to serve the page on; others than loopback let other machines in", {
      initial: "127.0.0.1:0",
      kind: "host:port",
    }),
    "read-only": bool("Let the page look, and change nothing; the server holds it to that"),
    "allow-host": list("Name, besides addresses and localhost, under which the page may be opened"),
    "no-browser": bool("Only print the link, also on a desktop"),
  },
  args: arity.none,
  async run({ flags }, context) {
    const [{ serveUi }, { RemoteEngine }, { openBrowser }] = await Promise.all([
      import("../../ui/server/serve-ui.ts"),
      import("../../client/remote-engine.ts"),
      import("../open-browser.ts"),
    ]);
    const engine = await context.engine();
    if (!(engine instanceof RemoteEngine)) throw new ExitError(1, "The page needs an engine behind a socket");
    const token = context.env["SLIPWAY_TOKEN"] || undefined;
    await using server = await serveUi({
      listen: listenAddress(flags.listen),
      engine: { address: engine.address, token },
      readOnly: flags["read-only"],
      allowedHosts: flags["allow-host"],
      findLogin: (host) => registryAuth(context, host),
      version: programVersion,
    });
    const link = server.newLink();
    context.stdout.write(`${link}\n`);
    context.stderr.write("The link opens the page once, in one browser. Ctrl-C ends it; containers go on.\n");
    if (!flags["no-browser"]) openBrowser(link, context.env);
    await ended();
    return 0;
  },
});

function listenAddress(text: string): { host: string; port: number } {
  const [, host = "", port = ""] = /^(?:(.*):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === "" || Number(port) > 65535)
    throw new ExitError(125, `invalid value "${text}" for --listen: expected HOST:PORT, or PORT`);
  return { host: host.replace(/^\[(.*)\]$/, "$1") || "127.0.0.1", port: Number(port) };
}

async function ended(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
}
