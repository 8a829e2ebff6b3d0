import { familiarName, parseReference, pullReference, familiarString } from "../../oci/reference.ts";
import { arity, command, ExitError } from "../command.ts";
import { bool, string } from "../flags/flag.ts";
import { pullImage } from "../registry/pull-image.ts";

export default command({
  usage: "pull [OPTIONS] NAME[:TAG|@DIGEST]",
  summary: "Download an image from a registry",
  aliases: ["image pull", "pull"],
  flags: {
    "all-tags": bool("Download all tagged images in the repository", { short: "a" }),
    platform: string("Set platform if server is multi-platform capable"),
    quiet: bool("Suppress verbose output", { short: "q" }),
  },
  args: arity.exactly(1),
  async run({ flags, args: [name = ""] }, context) {
    const reference = parseReference(name);
    if (flags["all-tags"] && (reference.tag !== undefined || reference.digest !== undefined)) {
      throw new ExitError(1, "tag can't be used with --all-tags/-a");
    }
    if (!flags["all-tags"] && reference.tag === undefined && reference.digest === undefined && !flags.quiet) {
      context.stdout.write("Using default tag: latest\n");
    }
    const pull = {
      quiet: flags.quiet,
      platform: flags.platform,
      allTags: flags["all-tags"],
      stream: context.stdout,
    };
    await pullImage(await context.engine(), name, context, pull);
    const whole = pullReference(reference);
    context.stdout.write(
      flags["all-tags"]
        ? `${familiarName(reference)}\n`
        : `${qualified(familiarString(whole), whole.domain)}\n`,
    );
    return 0;
  },
});

/** Docker names what was pulled in full, with its registry. */
function qualified(familiar: string, domain: string): string {
  if (domain !== "docker.io") return familiar;
  return `docker.io/${familiar.includes("/") ? "" : "library/"}${familiar}`;
}
