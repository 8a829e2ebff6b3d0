import { copy, type CopyOptions } from "../../image/copy.ts";
import { humanSize } from "../../internal/human-size.ts";
import { parsePlatform } from "../../oci/platform.ts";
import { pullReference } from "../../oci/reference.ts";
import { arity, command } from "../command.ts";
import { bool, string } from "../flags/flag.ts";
import { copyReferrers } from "../registry/copy-referrers.ts";
import { openRemote, remoteFlags } from "../registry/remote.ts";

export default command({
  usage: "registry copy [OPTIONS] SOURCE[:TAG|@DIGEST] DESTINATION[:TAG]",
  summary: "Copy an image from registry to registry, whole indexes too, without a local store",
  flags: {
    ...remoteFlags,
    platform: string("Copy only the image for this platform"),
    referrers: bool("Copy signatures and whatever else refers to the image as well"),
    quiet: bool("Print only the digest", { short: "q" }),
  },
  args: arity.exactly(2),
  async run({ flags, args: [from = "", to = ""] }, context) {
    const source = await openRemote(from, context, flags);
    const target = await openRemote(to, context, flags);
    const { tag, digest } = pullReference(source.reference);
    const moved = { sent: 0, mounted: 0, kept: 0 };
    const options: CopyOptions = {
      signal: context.signal,
      // A repository of the same registry may be mounted from.
      from: source.reference.domain === target.reference.domain ? source.reference.path : undefined,
      platform: flags.platform === "" ? undefined : parsePlatform(flags.platform),
      onProgress: ({ descriptor, state }) => {
        if (state === "done") moved.sent += descriptor.size;
        if (state === "mounted") moved.mounted += descriptor.size;
        if (state === "exists") moved.kept += descriptor.size;
      },
    };
    const name = target.reference.tag ?? tag;
    const root = await copy(source.repository, digest ?? tag ?? "", target.repository, name, options);
    if (flags.referrers) await copyReferrers(source.repository, root, target.repository, options);
    context.stdout.write(`${root.digest}\n`);
    if (!flags.quiet)
      context.stderr.write(
        `Sent ${humanSize(moved.sent)}, mounted ${humanSize(moved.mounted)}, there already ${humanSize(moved.kept)}\n`,
      );
    return 0;
  },
});
