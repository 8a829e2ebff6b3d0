import { command } from "../command.ts";
import { ContextStore } from "../contexts/context-store.ts";
import { currentContext, DEFAULT_CONTEXT } from "../contexts/resolve-endpoint.ts";
import { string } from "../flags/flag.ts";
import { inspectEach } from "../format/inspect.ts";
import { defaultSocket } from "../paths.ts";

export default command({
  usage: "context inspect [OPTIONS] [CONTEXT] [CONTEXT...]",
  summary: "Display detailed information on one or more contexts",
  flags: { format: string("Format output using a custom template: 'json' or TEMPLATE", { short: "f" }) },
  args: { min: 0, max: Number.POSITIVE_INFINITY },
  async run({ flags, args }, context) {
    const store = new ContextStore(context.configDirectory);
    const names = args.length > 0 ? args : [currentContext(context) ?? DEFAULT_CONTEXT];
    return await inspectEach(names, flags.format, context, async (name) => {
      const local = `unix://${defaultSocket(context.global.root, context.env)}`;
      const { description, endpoint } =
        name === DEFAULT_CONTEXT ? { description: "", endpoint: { host: local } } : store.get(name);
      const { tls } = endpoint as { tls?: { verify?: boolean; ca?: string; cert?: string; key?: string } };
      const files = (["ca", "cert", "key"] as const).filter((part) => tls?.[part] !== undefined);
      const places = store.places(name);
      return {
        Name: name,
        Metadata: description === "" ? {} : { Description: description },
        Endpoints: { docker: { Host: endpoint.host, SkipTLSVerify: tls?.verify === false } },
        TLSMaterial: files.length === 0 ? {} : { docker: files.map((part) => `${part}.pem`) },
        Storage: { MetadataPath: places.meta, TLSPath: places.tls },
      };
    });
  },
});
