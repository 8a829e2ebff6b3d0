import { arity, command } from "../command.ts";
import { remoteConfig, remoteFlags } from "../registry/remote.ts";

export default command({
  usage: "registry ls [OPTIONS] HOST[:PORT][/PREFIX]",
  summary: "List the repositories of a registry",
  flags: remoteFlags,
  args: arity.exactly(1),
  async run({ flags, args: [name = ""] }, context) {
    const { listCatalog } = await import("../../registry/client/catalog.ts");
    const [, host = "", prefix = ""] = /^([^/]*)\/?(.*)$/.exec(name) ?? [];
    const found = await listCatalog(host, await remoteConfig(context, flags), { signal: context.signal });
    for (const repository of found)
      if (repository.startsWith(prefix)) context.stdout.write(`${host}/${repository}\n`);
    return 0;
  },
});
