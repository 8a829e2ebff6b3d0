import { readBlob } from "../../content/read-blob.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { isIndexType, isManifestType } from "../../oci/media-types.ts";
import { parseIndex, parseManifest } from "../../oci/parse-manifest.ts";
import { pullReference } from "../../oci/reference.ts";
import type { Repository } from "../../registry/client/repository.ts";
import { arity, command } from "../command.ts";
import { bool } from "../flags/flag.ts";
import { openRemote, remoteFlags } from "../registry/remote.ts";

export default command({
  usage: "registry inspect [OPTIONS] NAME[:TAG|@DIGEST]",
  summary: "Show an image or index of a registry without pulling it",
  flags: { ...remoteFlags, raw: bool("Print the manifest's bytes as they are") },
  args: arity.exactly(1),
  async run({ flags, args: [name = ""] }, context) {
    const { repository, reference } = await openRemote(name, context, flags);
    const { tag, digest } = pullReference(reference);
    const desc = await repository.resolve(digest ?? tag ?? "", { signal: context.signal });
    const bytes = await readBlob(repository, desc, { signal: context.signal });
    if (flags.raw) context.stdout.write(bytes);
    else
      context.stdout.write(
        `${JSON.stringify({ Name: repository.name, ...(await describe(repository, desc, bytes)) }, null, 4)}\n`,
      );
    return 0;
  },
});

/** What is worth knowing, in the words of the manifest and the config. */
async function describe(repository: Repository, desc: Descriptor, bytes: Uint8Array): Promise<object> {
  const head = { Digest: desc.digest, MediaType: desc.mediaType, Size: desc.size };
  if (isIndexType(desc.mediaType)) return { ...head, Manifests: parseIndex(bytes).manifests };
  if (!isManifestType(desc.mediaType))
    return { ...head, Manifest: JSON.parse(new TextDecoder().decode(bytes)) };
  const { config, layers, artifactType, subject, annotations } = parseManifest(bytes);
  const known = config.mediaType.endsWith("+json") && config.size < 4 << 20;
  const content = known ? new TextDecoder().decode(await readBlob(repository, config)) : undefined;
  return {
    ...head,
    ArtifactType: artifactType,
    Subject: subject,
    Annotations: annotations,
    Layers: layers,
    TransferSize: layers.reduce((sum, layer) => sum + layer.size, config.size),
    Config: content === undefined ? config : JSON.parse(content),
  };
}
