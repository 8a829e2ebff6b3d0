import type { IconName } from "../parts/icon.tsx";

export interface Place {
  readonly path: string;
  readonly title: string;
  readonly icon: IconName;
  /** Behind `g`. */
  readonly key: string;
}

export const places: readonly { readonly title: string; readonly places: readonly Place[] }[] = [
  {
    title: "Workshop",
    places: [
      { path: "images", title: "Images", icon: "images", key: "i" },
      { path: "builds", title: "Builds", icon: "builds", key: "b" },
      { path: "containers", title: "Containers", icon: "containers", key: "c" },
    ],
  },
  {
    title: "This machine",
    places: [
      { path: "networks", title: "Networks", icon: "networks", key: "n" },
      { path: "volumes", title: "Volumes", icon: "volumes", key: "v" },
      { path: "disk", title: "Disk", icon: "disk", key: "d" },
      { path: "events", title: "Events", icon: "events", key: "e" },
    ],
  },
  {
    title: "Elsewhere",
    places: [{ path: "registry", title: "Registry", icon: "registry", key: "r" }],
  },
];
