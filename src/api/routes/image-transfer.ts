import type { ImageService } from "../../engine/engine.ts";
import type { RegistryAuth } from "../../engine/types/image.ts";
import { SlipwayError } from "../../errors.ts";
import { parseReference } from "../../oci/reference.ts";
import { platformParameter, taggedReference } from "../image-parameters.ts";
import { jsonLines } from "../reply.ts";
import type { Route, RouteContext } from "../route.ts";
import { authHeader } from "../schemas/registry-auth.ts";
import { allTagsOf } from "../all-tags.ts";

type Images = Pick<ImageService, "list" | "pull" | "push" | "load" | "import">;

/** Engine API, "Image": pull, push and load, each a stream of progress lines. */
export function imageTransferRoutes(images: Images): Route[] {
  return [
    { method: "POST", pattern: "/images/create", handle: (context) => create(images, context) },
    { method: "POST", pattern: "/images/load", handle: (context) => load(images, context) },
    { method: "POST", pattern: "/images/{name*}/push", handle: (context) => push(images, context) },
  ];
}

function create(images: Images, context: RouteContext) {
  return context.query.has("fromSrc") ? importImage(images, context) : pull(images, context);
}

/** `fromSrc`: a URL, or `-` for the body. */
async function importImage(images: Images, { request, query, signal }: RouteContext) {
  const from = query.text("fromSrc") ?? "-";
  const [repository, message] = [query.text("repo"), query.text("message")];
  const platform = platformParameter(query);
  const lines = images.import(from === "-" ? request.body : sourceUrl(from), {
    changes: query.all("changes").flatMap((text) => text.split("\n")),
    ...(repository !== undefined && { reference: taggedReference(repository, query.text("tag")) }),
    ...(message !== undefined && { message }),
    ...(platform !== undefined && { platform }),
    signal,
  });
  return await jsonLines(lines);
}

function sourceUrl(text: string): URL {
  const whole = /^https?:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(whole)) throw new SlipwayError("invalid_argument", `Invalid URL "${text}"`);
  return new URL(whole);
}

async function pull(images: Images, { request, query, signal }: RouteContext) {
  const name = query.text("fromImage");
  if (name === undefined) throw new SlipwayError("invalid_argument", 'Parameter "fromImage" is missing');
  const reference = taggedReference(name, query.text("tag"));
  const { tag, digest } = parseReference(reference);
  const platform = platformParameter(query);
  const options = {
    ...auth(request.headers.get("x-registry-auth")),
    ...(platform !== undefined && { platform }),
    ...(tag === undefined && digest === undefined && { allTags: true }),
    signal,
  };
  return await jsonLines(images.pull(reference, options));
}

async function push(images: Images, { request, params, query, signal }: RouteContext) {
  const reference = taggedReference(params["name"] ?? "", query.text("tag"));
  const platform = platformParameter(query);
  const options = {
    ...auth(request.headers.get("x-registry-auth")),
    ...(platform !== undefined && { platform }),
    ...(query.text("slipway-compression") === "none" && { compression: "none" as const }),
    signal,
  };
  const image = query.text("slipway-image");
  if (image !== undefined) return await jsonLines(images.push(reference, { ...options, image }));
  const references = await allTagsOf(images, reference, { signal });
  return await jsonLines(pushAll(images, references, options));
}

async function* pushAll(
  images: Images,
  references: readonly string[],
  options: Parameters<Images["push"]>[1],
): AsyncGenerator<object> {
  for (const reference of references) yield* images.push(reference, options);
}

function load(images: Images, { request, query, signal }: RouteContext) {
  const platform = platformParameter(query);
  const lines = images.load(request.body, { signal, ...(platform !== undefined && { platform }) });
  // As in Docker, also what fails at once is told in the stream.
  return jsonLines(query.flag("quiet") ? withoutProgress(lines) : lines, { headAtOnce: true });
}

/** `quiet` leaves the lines that say what was loaded. */
async function* withoutProgress(lines: ReturnType<Images["load"]>): AsyncGenerator<object> {
  for await (const line of lines) if (line.progressDetail === undefined) yield line;
}

function auth(header: string | undefined): { auth?: RegistryAuth } {
  const credentials = authHeader(header);
  return credentials === undefined ? {} : { auth: credentials };
}
