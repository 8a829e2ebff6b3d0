import type { ImageInspect, ImageSummary } from "../../engine/types/image.ts";

/** Fields of `Config` that mean nothing in an image, and that clients before 1.50 find there all the same. */
const containerOnlyFields = {
  Hostname: "",
  Domainname: "",
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Image: "",
};

/** What an image's config always says, set or not. */
const configFields = {
  User: "",
  Env: null,
  Cmd: null,
  Volumes: null,
  WorkingDir: "",
  Entrypoint: null,
  OnBuild: null,
  Labels: null,
};

/** `GET /images/{name}/json` as API `version` (its minor) has it. */
export function imageInspectAnswer(image: ImageInspect, version: number): object {
  const older = version < 50 ? containerOnlyFields : {};
  const Config = { ...older, ...configFields, ...image.Config };
  return {
    ...image,
    Config,
    ...(version < 45 && { Container: "", ContainerConfig: { ...containerOnlyFields, ...configFields } }),
    ...(version < 44 && { VirtualSize: image.Size }),
    ...(version < 44 && image.Created === "" && { Created: "0001-01-01T00:00:00Z" }),
  };
}

/** An item of `GET /images/json`. */
export function imageSummaryAnswer(image: ImageSummary, version: number): object {
  if (version >= 44) return image;
  const nameless = version < 43 && image.RepoTags.length === 0 && image.RepoDigests.length === 0;
  const none = { RepoTags: ["<none>:<none>"], RepoDigests: ["<none>@<none>"] };
  return { ...image, ...(nameless && none), VirtualSize: image.Size };
}
