import type { CommitOptions, ContainerFileService, ContainerPathStat } from "../../engine/container-files.ts";
import { SlipwayError } from "../../errors.ts";
import type { HttpReply } from "../http/message.ts";
import { taggedReference } from "../image-parameters.ts";
import { readJson } from "../json-body.ts";
import { bytes, empty, json } from "../reply.ts";
import type { Route, RouteContext } from "../route.ts";
import { containerConfig } from "../schemas/container-config.ts";

const statField = "X-Docker-Container-Path-Stat";

/** Engine API, "Container": changes, archives, export; "Image": commit. */
export function containerFileRoutes(files: ContainerFileService): Route[] {
  return [
    {
      method: "GET",
      pattern: "/containers/{name*}/changes",
      handle: async (context) => json(await files.changes(name(context), { signal: context.signal })),
    },
    {
      method: "GET",
      pattern: "/containers/{name*}/export",
      handle: async (context) =>
        bytes(await files.export(name(context), { signal: context.signal }), "application/octet-stream"),
    },
    {
      method: "GET",
      pattern: "/slipway/v1/images/export",
      handle: async ({ query, signal }) =>
        bytes(await files.exportImage(query.text("name") ?? "", { signal }), "application/x-tar"),
    },
    { method: "HEAD", pattern: "/containers/{name*}/archive", handle: (context) => stat(files, context) },
    { method: "GET", pattern: "/containers/{name*}/archive", handle: (context) => archive(files, context) },
    { method: "PUT", pattern: "/containers/{name*}/archive", handle: (context) => extract(files, context) },
    {
      method: "GET",
      pattern: "/slipway/v1/containers/{name*}/files",
      handle: async (context) =>
        json(await files.list(name(context), path(context), { signal: context.signal })),
    },
    { method: "POST", pattern: "/commit", handle: (context) => commit(files, context) },
  ];
}

async function stat(files: ContainerFileService, context: RouteContext): Promise<HttpReply> {
  const found = await files.stat(name(context), path(context), { signal: context.signal });
  return { kind: "response", status: 200, headers: { [statField]: encoded(found) } };
}

async function archive(files: ContainerFileService, context: RouteContext): Promise<HttpReply> {
  const found = await files.archive(name(context), path(context), { signal: context.signal });
  const headers = { "Content-Type": "application/x-tar", [statField]: encoded(found.stat) };
  return { kind: "response", status: 200, headers, body: found.content };
}

async function extract(files: ContainerFileService, context: RouteContext): Promise<HttpReply> {
  const { request, query, signal } = context;
  await files.extract(name(context), path(context), request.body, {
    noOverwriteDirNonDir: query.flag("noOverwriteDirNonDir"),
    copyUIDGID: query.flag("copyUIDGID"),
    signal,
  });
  return empty(200);
}

async function commit(files: ContainerFileService, { request, query, signal }: RouteContext) {
  const container = query.text("container");
  if (container === undefined) throw new SlipwayError("not_found", "No such container: ");
  const [repository, comment, author] = [query.text("repo"), query.text("comment"), query.text("author")];
  const config = await readJson(request);
  const options: CommitOptions = {
    pause: query.flag("pause", true),
    changes: query.all("changes").flatMap((text) => text.split("\n")),
    ...(repository !== undefined && { reference: taggedReference(repository, query.text("tag")) }),
    ...(comment !== undefined && { comment }),
    ...(author !== undefined && { author }),
    ...(config != null && { config: containerConfig(config, "") }),
  };
  return json(await files.commit(container, { ...options, signal }), 201);
}

function encoded(stat: ContainerPathStat): string {
  return Buffer.from(JSON.stringify(stat)).toString("base64");
}

function path({ query }: RouteContext): string {
  const given = query.text("path");
  if (given === undefined) throw new SlipwayError("invalid_argument", "bad parameter: path");
  if (given.includes("\0")) throw new SlipwayError("invalid_argument", "bad parameter: path: NUL byte");
  return given;
}

function name({ params }: RouteContext): string {
  return params["name"] ?? "";
}
