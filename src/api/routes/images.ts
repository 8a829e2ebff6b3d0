import type { ImageService } from "../../engine/engine.ts";
import { SlipwayError } from "../../errors.ts";
import { platformParameter, taggedReference } from "../image-parameters.ts";
import { bytes, empty, json } from "../reply.ts";
import type { Route, RouteContext } from "../route.ts";
import { imageInspectAnswer, imageSummaryAnswer } from "../versions/image-answers.ts";
import { authHeader } from "../schemas/registry-auth.ts";

type Images = Pick<
  ImageService,
  "list" | "inspect" | "history" | "tag" | "remove" | "save" | "prune" | "search" | "distribution"
>;

/** Engine API, "Image", without what talks to registries. Names have slashes, so the longer patterns stand first. */
export function imageRoutes(images: Images): Route[] {
  return [
    {
      method: "GET",
      pattern: "/images/json",
      handle: async ({ query, apiVersion, signal }) => {
        const options = {
          all: query.flag("all"),
          digests: query.flag("digests"),
          filters: query.filters(),
          signal,
        };
        const listed = await images.list(options);
        return json(listed.map((image) => imageSummaryAnswer(image, apiVersion)));
      },
    },
    {
      method: "POST",
      pattern: "/images/prune",
      handle: async ({ query, signal }) => json(await images.prune({ filters: query.filters(), signal })),
    },
    { method: "GET", pattern: "/images/search", handle: (context) => search(images, context) },
    {
      method: "GET",
      pattern: "/images/get",
      handle: (context) => save(images, context.query.all("names"), context),
    },
    {
      method: "GET",
      pattern: "/images/{name*}/get",
      handle: (context) => save(images, [name(context)], context),
    },
    {
      method: "GET",
      pattern: "/images/{name*}/json",
      handle: async (context) => {
        const image = await images.inspect(name(context), { signal: context.signal });
        return json(imageInspectAnswer(image, inspectVersion(context)));
      },
    },
    {
      method: "GET",
      pattern: "/images/{name*}/history",
      handle: async (context) => json(await images.history(name(context), { signal: context.signal })),
    },
    {
      method: "GET",
      pattern: "/distribution/{name*}/json",
      handle: async (context) => {
        const auth = authHeader(context.request.headers.get("x-registry-auth"));
        const options = { ...(auth !== undefined && { auth }), signal: context.signal };
        return json(await images.distribution(name(context), options));
      },
    },
    { method: "POST", pattern: "/images/{name*}/tag", handle: (context) => tag(images, context) },
    { method: "DELETE", pattern: "/images/{name*}", handle: (context) => remove(images, context) },
  ];
}

/** docker-compose 1 asks for the newest version there is and looks for what went with 1.45 (`ContainerConfig`). */
function inspectVersion({ request, apiVersion }: RouteContext): number {
  const isOldCompose = request.headers.get("user-agent")?.startsWith("docker-compose/1.") === true;
  return isOldCompose ? Math.min(apiVersion, 44) : apiVersion;
}

async function search(images: Images, { request, query, signal }: RouteContext) {
  const term = query.text("term");
  if (term === undefined) throw new SlipwayError("invalid_argument", 'Parameter "term" is missing');
  const limit = query.integer("limit");
  const auth = authHeader(request.headers.get("x-registry-auth"));
  const found = await images.search(term, {
    filters: query.filters(),
    ...(limit !== undefined && { limit }),
    ...(auth !== undefined && { auth }),
    signal,
  });
  return json(found);
}

async function save(images: Images, names: readonly string[], { query, signal }: RouteContext) {
  if (names.length === 0) throw new SlipwayError("invalid_argument", "no image names given to save");
  const platform = platformParameter(query);
  const references = query.all("slipway-reference");
  const archive = await images.save(names, {
    ...(platform !== undefined && { platform }),
    ...(references.length > 0 && { references }),
    signal,
  });
  return bytes(archive, "application/x-tar");
}

async function tag(images: Images, context: RouteContext) {
  const repository = context.query.text("repo");
  if (repository === undefined)
    throw new SlipwayError("invalid_argument", "repository name must have at least one component");
  const reference = taggedReference(repository, context.query.text("tag"));
  await images.tag(name(context), reference, { signal: context.signal });
  return empty(201);
}

async function remove(images: Images, context: RouteContext) {
  const { query, signal } = context;
  if (query.has("platforms"))
    throw new SlipwayError("not_implemented", "Removing one platform of an image is not supported yet");
  return json(
    await images.remove(name(context), {
      force: query.flag("force"),
      noPrune: query.flag("noprune"),
      signal,
    }),
  );
}

function name({ params }: RouteContext): string {
  return params["name"] ?? "";
}
