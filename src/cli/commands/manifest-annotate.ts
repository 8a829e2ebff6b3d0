import { arity, command } from "../command.ts";
import { list as words, string } from "../flags/flag.ts";

export default command({
  usage: "manifest annotate [OPTIONS] MANIFEST_LIST MANIFEST",
  summary: "Add additional information to a local image manifest",
  flags: {
    arch: string("Set architecture"),
    os: string("Set operating system"),
    "os-features": words("Set operating system feature", { kind: "strings" }),
    "os-version": string("Set operating system version"),
    variant: string("Set architecture variant"),
  },
  args: arity.exactly(2),
  async run({ flags, args: [list = "", image = ""] }, context) {
    const { manifests } = await context.engine();
    const features = flags["os-features"].flatMap((text) => text.split(","));
    const said = {
      architecture: flags.arch,
      os: flags.os,
      "os.version": flags["os-version"],
      variant: flags.variant,
      ...(features.length > 0 && { "os.features": features }),
    };
    await manifests.annotate(list, image, said, { signal: context.signal });
    return 0;
  },
});
