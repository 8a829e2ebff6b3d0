import type { ContainerFileService, ContainerPathStat } from "../engine/container-files.ts";
import { isCode, SlipwayError } from "../errors.ts";
import type { WireResponse } from "../platform/unix-fetch.ts";
import { repositoryAndTag } from "./remote-images.ts";
import { pathOf, type Wire } from "./wire.ts";

const at = (name: string, rest: string) => `/containers/${pathOf(name)}${rest}`;

/** Files of containers of an engine behind a socket. */
export function remoteFiles(wire: Wire): ContainerFileService {
  return {
    changes: (name, o) => wire.json("GET", at(name, "/changes"), { signal: o?.signal }),
    stat: async (name, path, o) => {
      try {
        const query = { path };
        return statOf(await wire.call("HEAD", at(name, "/archive"), { query, signal: o?.signal }));
      } catch (error) {
        throw isCode(error, "not_found") ? noSuchPath(name, path, error) : error;
      }
    },
    list: (name, path, o) =>
      wire.json("GET", `/slipway/v1/containers/${pathOf(name)}/files`, {
        query: { path },
        signal: o?.signal,
      }),
    archive: async (name, path, o) => {
      const answer = await wire.call("GET", at(name, "/archive"), { query: { path }, signal: o?.signal });
      return { stat: statOf(answer), content: answer.body };
    },
    extract: (name, path, archive, o) =>
      wire.done("PUT", at(name, "/archive"), {
        query: { path, noOverwriteDirNonDir: o?.noOverwriteDirNonDir, copyUIDGID: o?.copyUIDGID },
        headers: { "Content-Type": "application/x-tar" },
        body: archive,
        signal: o?.signal,
      }),
    export: async (name, o) => (await wire.call("GET", at(name, "/export"), { signal: o?.signal })).body,
    exportImage: async (image, o) => {
      const details = { query: { name: image }, signal: o?.signal };
      return (await wire.call("GET", "/slipway/v1/images/export", details)).body;
    },
    commit: async (name, o) => {
      const { reference, comment, author, pause = true, changes, config, signal } = o ?? {};
      const query = {
        container: name,
        ...(reference !== undefined && repositoryAndTag(reference)),
        comment,
        author,
        pause: pause ? 1 : 0,
        changes,
      };
      return await wire.json("POST", "/commit", { query, json: config ?? null, signal });
    },
  };
}

function statOf({ headers }: WireResponse): ContainerPathStat {
  const text = headers.get("x-docker-container-path-stat") ?? "";
  try {
    return JSON.parse(Buffer.from(text, "base64").toString()) as ContainerPathStat;
  } catch (cause) {
    throw new SlipwayError("internal", "The engine sent no path stat", { cause });
  }
}

/** An answer to HEAD has no body, so no message. */
function noSuchPath(name: string, path: string, cause: unknown): SlipwayError {
  return new SlipwayError("not_found", `Could not find the file ${path} in container ${name}`, { cause });
}
