import { readFileSync } from "node:fs";
import { parseHost } from "../../client/address.ts";
import { sshWords } from "../../client/ssh-tunnel.ts";
import type { WireTls } from "../../platform/unix-fetch.ts";
import { arity, command, ExitError } from "../command.ts";
import { putContext } from "../contexts/change-contexts.ts";
import { ContextStore, type Endpoint } from "../contexts/context-store.ts";
import { DEFAULT_CONTEXT } from "../contexts/resolve-endpoint.ts";
import { string } from "../flags/flag.ts";

export default command({
  usage: "context create [OPTIONS] CONTEXT",
  summary: "Create a context: a name for an engine elsewhere",
  flags: {
    description: string("Description of the context"),
    docker: string("The engine: host=ssh://… | tcp://…[,ca=FILE,cert=FILE,key=FILE][,skip-tls-verify=true]"),
  },
  args: arity.exactly(1),
  async run({ flags, args: [name = ""] }, context) {
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/.test(name))
      throw new ExitError(
        1,
        `context name "${name}" is invalid, names are validated against regexp "^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$"`,
      );
    if (name === DEFAULT_CONTEXT) throw new ExitError(1, '"default" is a reserved context name');
    const store = new ContextStore(context.configDirectory);
    if (store.has(name)) throw new ExitError(1, `context "${name}" already exists`);
    await putContext(store, { name, description: flags.description, endpoint: endpointOf(flags.docker) });
    context.stdout.write(`${name}\n`);
    context.stderr.write(`Successfully created context "${name}"\n`);
    return 0;
  },
});

const keys = new Set(["host", "ca", "cert", "key", "skip-tls-verify"]);

function endpointOf(text: string): Endpoint {
  const given = new Map(text.split(",").filter(Boolean).map(keyAndValue));
  const host = given.get("host");
  if (host === undefined) throw new ExitError(1, "the engine is missing: --docker host=ssh://user@machine");
  const tls = tlsOf(given);
  if (host.startsWith("ssh://")) sshWords(host);
  else parseHost(host, tls);
  return { host, tls };
}

function keyAndValue(part: string): [string, string] {
  const equals = part.indexOf("=");
  const key = part.slice(0, equals);
  if (!keys.has(key)) throw new ExitError(1, `unrecognized config key: ${equals < 0 ? part : key}`);
  return [key, part.slice(equals + 1)];
}

function tlsOf(given: ReadonlyMap<string, string>): WireTls | undefined {
  const read = (name: string) => {
    const path = given.get(name);
    return path === undefined ? undefined : readFileSync(path, "utf8");
  };
  const [ca, cert, key] = [read("ca"), read("cert"), read("key")];
  const isUnchecked = given.get("skip-tls-verify") === "true";
  if (ca === undefined && cert === undefined && key === undefined && !isUnchecked) return undefined;
  return { ca, cert, key, ...(isUnchecked && { verify: false }) };
}
