import type { ImageManifest } from "../../engine/types/image-layers.ts";
import { isManifestType, mediaTypes } from "../../oci/media-types.ts";
import { arity, command } from "../command.ts";
import { bool } from "../flags/flag.ts";
import { imageAuths } from "../registry/image-auths.ts";

export default command({
  usage: "manifest inspect [OPTIONS] IMAGE",
  summary: "Display an image manifest, or manifest list, of a registry or of this store",
  flags: {
    local: bool("Display what is in this store, and ask no registry"),
    verbose: bool("Output additional info including layers and platform", { short: "v" }),
  },
  args: arity.exactly(1),
  async run({ flags, args: [name = ""] }, context) {
    const { store } = await context.engine();
    const auths = flags.local ? {} : await imageAuths(context, [name]);
    const options = { auths, local: flags.local, children: flags.verbose, signal: context.signal };
    const { Root, Manifests } = await store.manifest(name, options);
    const shown = flags.verbose ? verbose(Root, Manifests) : parse(Root);
    context.stdout.write(`${JSON.stringify(shown, undefined, "\t")}\n`);
    return 0;
  },
});

/** As Docker: a list for an index, and one document for a manifest. */
function verbose(root: ImageManifest, manifests: readonly ImageManifest[]): unknown {
  return isManifestType(root.Descriptor.mediaType) ? details(root) : manifests.map(details);
}

function details(manifest: ImageManifest): object {
  const { mediaType } = manifest.Descriptor;
  const key = mediaType === mediaTypes.dockerManifest ? "SchemaV2Manifest" : "OCIManifest";
  return { ...manifest, [key]: parse(manifest) };
}

function parse({ Raw }: ImageManifest): unknown {
  return JSON.parse(Buffer.from(Raw, "base64").toString());
}
