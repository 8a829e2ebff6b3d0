import type { ImageFiles, ImageLayers } from "../../../../engine/types/image-layers.ts";
import type { ImageHistoryItem, ImageInspect } from "../../../../engine/types/image.ts";
import { useApp } from "../../app/app.ts";
import { Link } from "../../app/link.tsx";
import { pagePath } from "../../app/router.ts";
import { ApiError, getJson, pathName } from "../../data/api.ts";
import { bytes, shortId } from "../../data/format.ts";
import { useResource } from "../../data/resource.ts";
import { JsonText } from "../../parts/json-text.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { Fact, View } from "../../parts/view.tsx";
import { When } from "../../parts/when.tsx";
import { CompareTab } from "./compare-tab.tsx";
import { ImageActions } from "./image-actions.tsx";
import { familiar, imageTitle } from "./image-names.ts";
import { LayersTab } from "./layers-tab.tsx";
import { stackLines } from "./stack-lines.ts";
import { WasteTab } from "./waste-tab.tsx";

const tabs = [
  { key: "layers", title: "Layers" },
  { key: "waste", title: "Wasted bytes" },
  { key: "compare", title: "Compare" },
  { key: "inspect", title: "Inspect" },
];

/** One image. */
export function ImageView({
  name,
  tab = "layers",
}: {
  readonly name: string;
  readonly tab: string | undefined;
}) {
  const { router } = useApp();
  const one = useResource((signal) => getJson<ImageInspect>(`/images/${pathName(name)}/json`, { signal }), {
    key: name,
    changes: ({ Type }) => Type === "image",
  });
  if (one.error.value instanceof ApiError && one.error.value.status === 404) return <Gone />;
  const data = one.data.value;
  const title = data === undefined ? shortId(name) : imageTitle(data);
  return (
    <View
      title={title}
      crumb={{ to: "/images", title: "Images" }}
      facts={data && <Facts of={data} />}
      tools={
        data && (
          <ImageActions
            id={data.Id}
            title={title}
            tags={data.RepoTags}
            onRemoved={() => router.go("/images")}
          />
        )
      }
    >
      <Loaded of={one}>
        {(image) => (
          <Tabs
            label="Parts of the image"
            tabs={tabs}
            current={tab}
            onChange={(key) => router.go(pagePath("images", name, key), { replace: true })}
          >
            <Panel tab={tab} of={image} />
          </Tabs>
        )}
      </Loaded>
    </View>
  );
}

function Panel({ tab, of }: { readonly tab: string; readonly of: ImageInspect }) {
  switch (tab) {
    case "inspect":
      return <JsonText value={of} />;
    case "compare":
      return <CompareTab image={of} />;
    default:
      return <Inside id={of.Id} tab={tab} />;
  }
}

/** What is in the layers; they are read once for all tabs that show it. */
function Inside({ id, tab }: { readonly id: string; readonly tab: string }) {
  const inside = useResource(
    async (signal) => {
      const [layers, files, history] = await Promise.all([
        getJson<ImageLayers>("/slipway/v1/images/layers", { query: { name: id }, signal }),
        getJson<ImageFiles>("/slipway/v1/images/files", { query: { name: id }, signal }),
        getJson<ImageHistoryItem[]>(`/images/${id}/history`, { signal }),
      ]);
      return { layers, files, history: stackLines(history, layers.Layers) };
    },
    { key: id },
  );
  return (
    <Loaded of={inside}>
      {(data) => (tab === "waste" ? <WasteTab layers={data.layers} /> : <LayersTab {...data} />)}
    </Loaded>
  );
}

function Facts({ of }: { readonly of: ImageInspect }) {
  const others = of.RepoTags.map(familiar).filter((tag) => tag !== imageTitle(of));
  return (
    <>
      <Fact name="size">{bytes(of.Size)}</Fact>
      <Fact name="platform">
        {of.Os}/{of.Architecture}
      </Fact>
      <Fact name="created">
        <When at={Date.parse(of.Created)} />
      </Fact>
      <Fact name="id">
        <code>{shortId(of.Id)}</code>
      </Fact>
      {others.length > 0 && <Fact name="also">{others.join(", ")}</Fact>}
    </>
  );
}

function Gone() {
  return (
    <View title="Image" crumb={{ to: "/images", title: "Images" }}>
      <Empty icon="images" title="This image is gone">
        <p>It was removed, or it never was here.</p>
        <Link to="/images">All images</Link>
      </Empty>
    </View>
  );
}
