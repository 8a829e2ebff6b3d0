import type { ImageManifest, ImageManifests } from "../../../../engine/types/image-layers.ts";
import type { ReferrerList } from "../../../../engine/registries.ts";
import { useApp } from "../../app/app.ts";
import { getJson } from "../../data/api.ts";
import { bytes } from "../../data/format.ts";
import { useResource } from "../../data/resource.ts";
import { Button } from "../../parts/button.tsx";
import { Pairs, type Pair } from "../../parts/card.tsx";
import { JsonText } from "../../parts/json-text.tsx";
import { Loaded } from "../../parts/states.tsx";
import { PullDialog } from "../images/pull-dialog.tsx";

interface ManifestPaneProps {
  readonly name: string;
  readonly tag: string;
  readonly insecure: boolean;
}

/** What a tag leads to: the manifest, its parts, and what refers to it. */
export function ManifestPane({ name, tag, insecure }: ManifestPaneProps) {
  const app = useApp();
  const reference = `${name}:${tag}`;
  const manifest = useResource((signal) => {
    const query = { name: reference, children: true, insecure };
    return getJson<ImageManifests>("/slipway/v1/images/manifest", { query, signal });
  });
  const referrers = useResource((signal) =>
    getJson<ReferrerList>("/slipway/v1/registry/referrers", { query: { name: reference, insecure }, signal }),
  );
  return (
    <div class="manifest-pane">
      <Loaded of={manifest}>
        {({ Root, Manifests }) => (
          <>
            <div class="row">
              <h3 class="grow clip">{reference}</h3>
              {!app.readOnly && (
                <Button
                  small
                  icon="download"
                  onClick={() => (app.dialog.value = <PullDialog name={reference} />)}
                >
                  Pull
                </Button>
              )}
            </div>
            <Pairs pairs={summary(Root)} />
            {Manifests.length > 0 && (
              <>
                <h3>Platforms</h3>
                <Pairs pairs={Manifests.map(platformPair)} />
              </>
            )}
            <h3>Referrers</h3>
            <Loaded of={referrers}>
              {({ Referrers }) => (
                <Pairs
                  pairs={Referrers.map(({ digest, size, artifactType, mediaType }): Pair => [
                    artifactType ?? mediaType,
                    <span key={digest}>
                      <code>{digest.slice(7, 19)}</code> {bytes(size)}
                    </span>,
                  ])}
                  empty="Nothing refers to it: no signature, no bill of materials."
                />
              )}
            </Loaded>
            <h3>Manifest</h3>
            <JsonText value={JSON.parse(textOf(Root)) as unknown} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function summary({ Descriptor, ...rest }: ImageManifest): Pair[] {
  const { layers = [], config } = JSON.parse(textOf({ ...rest, Descriptor })) as {
    layers?: { size: number }[];
    config?: { size: number };
  };
  const size = layers.reduce((sum, layer) => sum + layer.size, config?.size ?? 0);
  return [
    ["Digest", <code key="d">{Descriptor.digest}</code>],
    ["Media type", Descriptor.mediaType],
    ...(layers.length > 0 ? [["Layers", `${layers.length}, ${bytes(size)} to send`] as const] : []),
  ];
}

function platformPair({ Descriptor: { platform, digest, size } }: ImageManifest): Pair {
  const text =
    platform === undefined
      ? "unknown"
      : [platform.os, platform.architecture, platform.variant].filter(Boolean).join("/");
  return [
    text,
    <span key={digest}>
      <code>{digest.slice(7, 19)}</code> {bytes(size)}
    </span>,
  ];
}

function textOf({ Raw }: ImageManifest): string {
  return new TextDecoder().decode(Uint8Array.from(atob(Raw), (character) => character.charCodeAt(0)));
}
