/** Serves a registry until it is killed: `bun serve-process.ts HOST:PORT ROOT`. Prints its URL. */
import { serveRegistry } from "../../src/registry/server/serve-registry.ts";

const [, , listen = "127.0.0.1:0", root = ""] = process.argv;
const server = await serveRegistry({ listen, root });
console.log(server.url);
