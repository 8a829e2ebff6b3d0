import type { ImageRunConfig } from "../../oci/image-config.ts";
import type { Platform } from "../../oci/platform.ts";

/** Engine API `ImageSummary`. `Created` in seconds, sizes in bytes; `Containers` and `SharedSize` -1: not counted. */
export interface ImageSummary {
  Id: string;
  ParentId: string;
  RepoTags: string[];
  RepoDigests: string[];
  Created: number;
  Size: number;
  SharedSize: number;
  Labels: Record<string, string> | null;
  Containers: number;
}

/** Engine API `ImageInspect`. */
export interface ImageInspect {
  Id: string;
  RepoTags: string[];
  RepoDigests: string[];
  Parent: string;
  Comment: string;
  Created: string;
  DockerVersion: string;
  Author: string;
  Config: ImageRunConfig | null;
  Architecture: string;
  Variant?: string;
  Os: string;
  OsVersion?: string;
  Size: number;
  GraphDriver: { Name: string; Data: Record<string, string> | null };
  RootFS: { Type: "layers"; Layers: string[] };
  Metadata: { LastTagTime: string };
}

/** Engine API, an item of `GET /images/{name}/history`. `Created` in seconds. */
export interface ImageHistoryItem {
  Id: string;
  Created: number;
  CreatedBy: string;
  Tags: string[] | null;
  Size: number;
  Comment: string;
}

/** Engine API `ImageSearchResponseItem`. */
export interface ImageSearchItem {
  name: string;
  description: string;
  star_count: number;
  is_official: boolean;
  is_automated: boolean;
}

/** Engine API `DistributionInspect`: what a name means in its registry. */
export interface DistributionInspect {
  Descriptor: { mediaType: string; digest: string; size: number };
  Platforms: Platform[];
}

export interface ImageDeleteItem {
  Untagged?: string;
  Deleted?: string;
}

/** One line of a pull, push, load or import: Engine API `CreateImageInfo` / `PushImageInfo`. */
export interface TransferProgress {
  id?: string;
  status?: string;
  progressDetail?: { current?: number; total?: number };
  /** Final line of a push: what the registry holds now. */
  aux?: { Tag: string; Digest: string; Size: number };
}

/** Credentials for one registry, as `X-Registry-Auth` carries them. */
export interface RegistryAuth {
  username?: string;
  password?: string;
  email?: string;
  serveraddress?: string;
  identitytoken?: string;
  registrytoken?: string;
}
