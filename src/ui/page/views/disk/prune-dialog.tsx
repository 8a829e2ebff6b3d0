import { useSignal, type Signal } from "@preact/signals";
import { useApp } from "../../app/app.ts";
import { sendJson } from "../../data/api.ts";
import { bytes } from "../../data/format.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { Check } from "../../parts/field.tsx";

interface Freed {
  readonly SpaceReclaimed?: number;
}

/** Removes what nothing uses, kind by kind, as `system prune` does. */
export function PruneDialog({ onDone }: { readonly onDone: () => void }) {
  const app = useApp();
  const [containers, images, allImages] = [useSignal(true), useSignal(true), useSignal(false)];
  const [networks, cache, volumes] = [useSignal(true), useSignal(false), useSignal(false)];
  const prune = async () => {
    let freed = 0;
    const when = async (wanted: Signal<boolean>, path: string, filters: object = {}) => {
      if (!wanted.value) return;
      const query = { filters: JSON.stringify(filters), all: path === "/build/prune" };
      freed += (await sendJson<Freed>("POST", path, { query })).SpaceReclaimed ?? 0;
    };
    await when(containers, "/containers/prune");
    await when(networks, "/networks/prune");
    await when(volumes, "/volumes/prune", { all: ["true"] });
    await when(images, "/images/prune", { dangling: [allImages.value ? "false" : "true"] });
    await when(cache, "/build/prune");
    app.tell("ok", `${bytes(freed)} freed`);
    onDone();
  };
  return (
    <Dialog title="Free space" action="Remove" danger onClose={app.closeDialog} onSubmit={prune}>
      <p>What is removed does not come back.</p>
      <div class="stack">
        <Check label="Containers that do not run" value={containers} />
        <Check label="Networks that nothing is connected to" value={networks} />
        <Check label="Images without a name that nothing uses" value={images} />
        <Check label="Also images with a name that no container uses" value={allImages} />
        <Check label="The whole cache of builds: the next builds start from nothing" value={cache} />
        <Check label="Volumes that no container uses, with all that is in them" value={volumes} />
      </div>
    </Dialog>
  );
}
