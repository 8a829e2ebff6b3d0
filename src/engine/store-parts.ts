import type { EngineConfig } from "./config.ts";
import type { ContainerHost } from "./containers/host.ts";
import type { ImageHost } from "./images/image-host.ts";
import type { Stores } from "./open-stores.ts";

/** What the verbs that look into the store work with. One per engine. */
export interface StoreParts {
  readonly config: EngineConfig;
  readonly stores: Stores;
  readonly host: ContainerHost;
  readonly images: ImageHost;
}
