import type { Engine } from "../../engine/engine.ts";
import type { ImageManifest, ImageManifests } from "../../engine/types/image-layers.ts";
import type { ManifestList, ManifestListEntry } from "../../engine/types/manifest-list.ts";
import { isCode, SlipwayError } from "../../errors.ts";
import { isManifestType, mediaTypes } from "../../oci/media-types.ts";
import { canonicalString, parseReference, withDefaultTag } from "../../oci/reference.ts";
import { command, type CliContext } from "../command.ts";
import { bool } from "../flags/flag.ts";
import { imageAuths } from "../registry/image-auths.ts";

export default command({
  usage: "manifest inspect [OPTIONS] [MANIFEST_LIST] MANIFEST",
  summary: "Display an image manifest, or manifest list, of a list made here, a registry or this store",
  flags: {
    insecure: bool("Allow communication with an insecure registry"),
    local: bool("Display what is in this store, and ask no registry"),
    verbose: bool("Output additional info including layers and platform", { short: "v" }),
  },
  args: { min: 1, max: 2 },
  async run({ flags, args }, context) {
    const engine = await context.engine();
    const [name = "", image] = args;
    const list = flags.local && image === undefined ? undefined : await madeHere(engine, name, context);
    const shown =
      image === undefined
        ? (list ?? (await engine.store.manifest(name, await access(context, name, flags))))
        : entryOf(list, name, image);
    context.stdout.write(`${JSON.stringify(view(shown, flags.verbose), undefined, "\t")}\n`);
    return 0;
  },
});

type Flags = { readonly insecure: boolean; readonly local: boolean; readonly verbose: boolean };

async function access(context: CliContext, name: string, { insecure, local, verbose }: Flags) {
  const auths = local ? {} : await imageAuths(context, [name]);
  return { auths, insecure, local, children: verbose, signal: context.signal };
}

/** What is no reference, as an image ID, names no list. */
async function madeHere(
  { manifests }: Engine,
  name: string,
  { signal }: CliContext,
): Promise<ManifestList | undefined> {
  try {
    return await manifests.get(name, { signal });
  } catch (error) {
    if (isCode(error, "not_found") || isCode(error, "invalid_argument")) return undefined;
    throw error;
  }
}

function entryOf(list: ManifestList | undefined, name: string, image: string): ManifestListEntry {
  const ref = canonicalString(withDefaultTag(parseReference(image)));
  const found = list?.Entries.find(({ Ref }) => Ref === ref);
  if (found !== undefined) return found;
  throw new SlipwayError("not_found", `No such manifest: ${list === undefined ? name : ref}`);
}

/** As Docker: with details a list for an index, and one document for a manifest. */
function view(shown: ImageManifests | ManifestList | ManifestListEntry, verbose: boolean): unknown {
  if ("Entries" in shown) return verbose ? shown.Entries.map(details) : parse(shown);
  if (!("Root" in shown)) return verbose ? details(shown) : parse(shown);
  const { Root, Manifests } = shown;
  if (!verbose) return parse(Root);
  return isManifestType(Root.Descriptor.mediaType) ? details(Root) : Manifests.map(details);
}

type Document = Pick<ImageManifest, "Ref" | "Descriptor" | "Raw">;

function details({ Ref, Descriptor, Raw }: Document): object {
  const key = Descriptor.mediaType === mediaTypes.dockerManifest ? "SchemaV2Manifest" : "OCIManifest";
  return { Ref, Descriptor, Raw, [key]: parse({ Raw }) };
}

function parse({ Raw }: Pick<Document, "Raw">): unknown {
  return JSON.parse(Buffer.from(Raw, "base64").toString());
}
