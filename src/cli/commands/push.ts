import { familiarString, parseReference, withDefaultTag } from "../../oci/reference.ts";
import { arity, command, ExitError } from "../command.ts";
import { bool, string } from "../flags/flag.ts";
import { showTransfer } from "../progress/transfer.ts";
import { registryAuth } from "../registry/auth.ts";

export default command({
  usage: "push [OPTIONS] NAME[:TAG]",
  summary: "Upload an image to a registry",
  aliases: ["image push", "push"],
  flags: {
    "all-tags": bool("Push all tags of an image to the repository", { short: "a" }),
    platform: string("Push a platform-specific manifest as a single-platform image to the registry"),
    quiet: bool("Suppress verbose output", { short: "q" }),
  },
  args: arity.exactly(1),
  async run({ flags, args: [name = ""] }, context) {
    const reference = parseReference(name);
    if (flags["all-tags"] && reference.tag !== undefined)
      throw new ExitError(1, "tag can't be used with --all-tags/-a");
    if (!flags["all-tags"] && reference.tag === undefined && !flags.quiet)
      context.stdout.write("Using default tag: latest\n");
    const engine = await context.engine();
    const auth = await registryAuth(context, reference.domain);
    const pushed = flags["all-tags"] ? name : familiarString(withDefaultTag(reference));
    const progress = engine.images.push(pushed, {
      signal: context.signal,
      ...(auth === undefined ? {} : { auth }),
      ...(flags.platform === "" ? {} : { platform: flags.platform }),
    });
    await showTransfer(progress, flags.quiet ? undefined : context.stdout);
    if (flags.quiet) context.stdout.write(`${name}\n`);
    return 0;
  },
});
