import { SlipwayError } from "../../errors.ts";
import { defaultShmSize } from "../../runtime/spec/default-mounts.ts";
import type { OciMount } from "../../runtime/spec/oci-spec.ts";
import { mountBelow, placeBelow } from "./image-mounts.ts";
import { pathsOf, type ContainerHost } from "./host.ts";
import type { ContainerRecord } from "./record.ts";

const name = "shm";
const joined = "container:";

/**
 * `/dev/shm` of a container that shares it, mounted below its bundle so that others can have it too (`--ipc shareable`), or of
 * one that has another's (`--ipc container:NAME`); nothing for the others, which have one of their own or the host's. Throws
 * `invalid_argument`, in Docker's words, when the other one does not share.
 */
export async function sharedMemory(host: ContainerHost, record: ContainerRecord): Promise<OciMount[]> {
  const { IpcMode = "", ShmSize } = record.hostConfig;
  if (IpcMode.startsWith(joined)) return [bindOf(shmOf(host, IpcMode.slice(joined.length)))];
  if (IpcMode !== "shareable") return [];
  const options = ["nosuid", "noexec", "nodev", "mode=1777", `size=${ShmSize || defaultShmSize}`];
  const { bundle } = pathsOf(host, record.id);
  return [bindOf(await mountBelow(bundle, name, [{ type: "tmpfs", source: "shm", options }]))];
}

/** Where the shared memory of another container is. */
function shmOf(host: ContainerHost, id: string): string {
  const other = host.store.get(id);
  const { IpcMode = "" } = other.hostConfig;
  if (IpcMode === "host") return "/dev/shm";
  if (IpcMode.startsWith(joined)) return shmOf(host, IpcMode.slice(joined.length));
  if (IpcMode === "shareable") return placeBelow(pathsOf(host, other.id).bundle, name);
  const hint = "non-shareable IPC (hint: use IpcMode:shareable for the donor container)";
  throw new SlipwayError("invalid_argument", `container ${other.id}: ${hint}`);
}

function bindOf(source: string): OciMount {
  return {
    destination: "/dev/shm",
    type: "bind",
    source,
    options: ["rbind", "nosuid", "noexec", "nodev", "rprivate"],
  };
}
