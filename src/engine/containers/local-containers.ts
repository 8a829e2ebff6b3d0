import { errorCode, errorMessage, isCode, SlipwayError } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { OutputChunk } from "../../runtime/runtime.ts";
import type { AttachOptions, AttachStream, ContainerService, LogOptions, WaitCondition } from "../engine.ts";
import { checkFilters, labelsMatch, type Filters } from "../filters.ts";
import { untilFilter } from "../until-filter.ts";
import type {
  ContainerCreate,
  ContainerInspect,
  ContainerSummary,
  ContainerWait,
} from "../types/container.ts";
import { attachContainer } from "./attach.ts";
import { createContainer } from "./create/create.ts";
import { forkContainer, settleFork, type ForkOptions } from "./create/fork.ts";
import { inspectDocument, summaryDocument } from "./document.ts";
import { pathsOf, publishEvent, type ContainerHost } from "./host.ts";
import { linkNames } from "./link-names.ts";
import { selectContainers, type ListOptions } from "./list.ts";
import { readLog } from "./logs.ts";
import { checkName } from "./create/names.ts";
import { renameOnNetworks } from "./network.ts";
import { isActive, isAsleep, type ContainerRecord } from "./record.ts";
import { killNow, removeLocked, type RemoveOptions } from "./remove.ts";
import { removeLink } from "./remove-link.ts";
import { type Sleepers } from "./sleepers.ts";
import { containerSizes } from "./files/sizes.ts";
import { shownHostConfig } from "./shown-config.ts";
import { startLocked } from "./start.ts";
import { untilHealthy } from "./until-healthy.ts";
import { killContainer, stopLocked } from "./stop.ts";
import { topProcesses } from "./top.ts";

type StopOptions = CallOptions & { timeout?: number; killSignal?: string };

/** The containers of a {@link ContainerHost}: each verb finds the record, takes its lock and calls the verb's file. */
export class LocalContainers implements ContainerService {
  readonly #host: ContainerHost;
  readonly #sleepers: Sleepers;
  #imageIds: { readonly generation: number; readonly idOf: (name: string) => string | undefined } | undefined;

  constructor(host: ContainerHost, sleepers: Sleepers) {
    this.#host = host;
    this.#sleepers = sleepers;
  }

  async list(o: CallOptions & ListOptions & { size?: boolean } = {}): Promise<ContainerSummary[]> {
    const { store, now } = this.#host;
    const imageId = this.#knownImageIds();
    const selected = selectContainers(store.all(), o, imageId, (name) => store.get(name));
    const names = linkNames(store.all());
    const documents = selected.map((record) =>
      summaryDocument(record, imageName(record, imageId), now(), names.get(record.id)),
    );
    if (o.size) {
      const sizes = documents.map(async (each) =>
        Object.assign(each, await containerSizes(this.#host, each.Id)),
      );
      await Promise.all(sizes);
    }
    return documents;
  }

  async create(spec: ContainerCreate, o?: CallOptions): Promise<{ Id: string; Warnings: string[] }> {
    // Nearly always to be started at once.
    this.#host.runtime.expectStart();
    const { record, warnings } = await createContainer(this.#host, spec, o?.signal);
    return { Id: record.id, Warnings: warnings };
  }

  async inspect(name: string, o?: CallOptions & { size?: boolean }): Promise<ContainerInspect> {
    const record = this.#host.store.get(name);
    const execs = [...this.#host.live.of(record.id).execs];
    const hostConfig = shownHostConfig(this.#host, record);
    const document = inspectDocument(record, pathsOf(this.#host, record.id), execs, hostConfig);
    if (o?.size) Object.assign(document, await containerSizes(this.#host, record.id));
    return document;
  }

  start(name: string, o?: CallOptions): Promise<void> {
    return this.#locked(name, async (record) => {
      forgetRestarts(this.#host, record);
      // The first start of a lazy container holds its ports alone.
      if (record.lazy?.armed === false) await this.#sleepers.arm(record);
      else await startLocked(this.#host, record, o?.signal);
    });
  }

  stop(name: string, o: StopOptions = {}): Promise<void> {
    return this.#locked(name, async (record) => {
      const asleep = isAsleep(record);
      await this.#sleepers.disarm(record);
      if (!asleep) await stopLocked(this.#host, record, { timeout: o.timeout, signal: o.killSignal });
    });
  }

  restart(name: string, o: StopOptions = {}): Promise<void> {
    return this.#locked(name, async (record) => {
      const stop = { timeout: o.timeout, signal: o.killSignal, keep: true };
      await stopLocked(this.#host, record, stop).catch(ignoreStopped);
      forgetRestarts(this.#host, record);
      await startLocked(this.#host, record, o.signal);
      publishEvent(this.#host, record, "restart");
    });
  }

  /** Not under the lock: a kill must reach a container whose stop is being waited for. */
  async kill(name: string, o: CallOptions & { killSignal?: string } = {}): Promise<void> {
    try {
      await killContainer(this.#host, this.#host.store.get(name), o.killSignal ?? "");
    } catch (error) {
      if (!isCode(error, "not_found") && !isCode(error, "conflict")) throw error;
      const what = `cannot kill container: ${name}: ${errorMessage(error)}`;
      throw new SlipwayError(errorCode(error), what, { cause: error });
    }
  }

  pause(name: string): Promise<void> {
    return this.#locked(name, async (record) => {
      if (record.state.status === "paused")
        throw new SlipwayError("conflict", `container ${record.id} is already paused`);
      await this.#runningTask(record).pause();
      this.#setStatus(record, "paused", "pause");
    });
  }

  unpause(name: string): Promise<void> {
    return this.#locked(name, async (record) => {
      if (record.state.status !== "paused")
        throw new SlipwayError("conflict", `Container ${record.id} is not paused`);
      await this.#runningTask(record).resume();
      this.#setStatus(record, "running", "unpause");
    });
  }

  rename(name: string, newName: string): Promise<void> {
    return this.#locked(name, async (record) => {
      const bare = newName.replace(/^\//, "");
      const oldName = record.name;
      if (bare === oldName) {
        throw new SlipwayError(
          "invalid_argument",
          "Renaming a container with the same name as its current name",
        );
      }
      this.#take(record, bare);
      await renameOnNetworks(this.#host, record, oldName);
      publishEvent(this.#host, record, "rename", { oldName: `/${oldName}` });
    });
  }

  #take(record: ContainerRecord, name: string): void {
    try {
      this.#host.store.rename(record, checkName(`/${name}`));
    } catch (error) {
      const what = `Error when allocating new name: ${errorMessage(error)}`;
      throw new SlipwayError(errorCode(error), what, { cause: error });
    }
  }

  async fork(name: string, newName: string, o: CallOptions & ForkOptions = {}): Promise<{ Id: string }> {
    const record = await forkContainer(this.#host, name, newName, o);
    const { id } = record;
    const parts = await Promise.allSettled([this.start(id, o), settleFork(this.#host, record)]);
    const failed = parts.find((part) => part.status === "rejected");
    if (failed === undefined) return { Id: id };
    await this.remove(id, { force: true, volumes: true }).catch(ignoreGone);
    throw failed.reason;
  }

  async remove(name: string, o: CallOptions & RemoveOptions & { link?: boolean } = {}): Promise<void> {
    if (o.link) return await removeLink(this.#host, name);
    // Before the lock: a forced removal cuts the grace period of a stop short.
    const record = this.#host.store.get(name);
    if (o.force) await killNow(this.#host, record);
    const removal = this.#locked(record.id, async (found) => {
      if (o.force || !isActive(found)) await this.#sleepers.disarm(found);
      await removeLocked(this.#host, found, o);
    });
    await removal.catch((error: unknown) => {
      // One that is removed at its end may have gone by itself now.
      if (!o.force || !isCode(error, "not_found")) throw error;
    });
  }

  async wait(name: string, o: CallOptions & { condition?: WaitCondition } = {}): Promise<ContainerWait> {
    const { store, waiters } = this.#host;
    const gone = waiters.endOfRemoved(name);
    if (gone !== undefined) return gone;
    const record = store.get(name);
    if (o.condition === "healthy") return await untilHealthy(this.#host, record, o.signal);
    if (o.condition === "removed") return await waiters.removal(record.id, o.signal);
    const ended = !isActive(record) && record.state.status !== "restarting";
    if (o.condition !== "next-exit" && ended) return { StatusCode: record.state.exitCode };
    return await waiters.nextExit(record.id, o.signal);
  }

  attach(name: string, attach: AttachOptions, o?: CallOptions): Promise<AttachStream> {
    return attachContainer(this.#host, this.#host.store.get(name), attach, o?.signal);
  }

  async resize(name: string, size: { h: number; w: number }): Promise<void> {
    const record = this.#host.store.get(name);
    await this.#runningTask(record).resize(size.h, size.w);
  }

  async logs(
    name: string,
    log: LogOptions,
    o?: CallOptions,
  ): Promise<{ tty: boolean; output: AsyncIterable<OutputChunk> }> {
    const record = this.#host.store.get(name);
    return { tty: record.config.Tty === true, output: await readLog(this.#host, record, log, o?.signal) };
  }

  async top(
    name: string,
    o: CallOptions & { psArgs?: string } = {},
  ): Promise<{ Titles: string[]; Processes: string[][] }> {
    const record = this.#host.store.get(name);
    const processes = await topProcesses(record, o.psArgs);
    publishEvent(this.#host, record, "top");
    return processes;
  }

  async prune(
    o: CallOptions & { filters?: Filters } = {},
  ): Promise<{ ContainersDeleted: string[]; SpaceReclaimed: number }> {
    checkFilters(o.filters, ["label", "label!", "until"]);
    const isOld = untilFilter(o.filters, this.#host.now());
    const deleted: string[] = [];
    let reclaimed = 0;
    for (const record of this.#host.store.all()) {
      if (!["created", "exited", "dead"].includes(record.state.status)) continue;
      if (!labelsMatch(o.filters, record.config.Labels ?? null)) continue;
      if (!isOld(Date.parse(record.created))) continue;
      const { SizeRw: size } = await containerSizes(this.#host, record.id);
      await this.remove(record.id).catch(ignoreGone);
      deleted.push(record.id);
      reclaimed += size;
    }
    return { ContainersDeleted: deleted, SpaceReclaimed: reclaimed };
  }

  /** Under the lock the record is looked up again: it may have been removed meanwhile. */
  async #locked<T>(name: string, work: (record: ContainerRecord) => Promise<T>): Promise<T> {
    const { id } = this.#host.store.get(name);
    return await this.#host.locks.run(id, () => work(this.#host.store.get(id)));
  }

  #runningTask(record: ContainerRecord) {
    const task = this.#host.live.of(record.id).task;
    if (task === undefined) throw new SlipwayError("conflict", `container ${record.id} is not running`);
    return task;
  }

  #setStatus(record: ContainerRecord, status: "paused" | "running", action: string): void {
    record.state.status = status;
    this.#host.store.put(record);
    publishEvent(this.#host, record, action);
  }

  /** Many containers have few images: each is looked up once, until an image or a name changes. */
  #knownImageIds(): (name: string) => string | undefined {
    const { generation } = this.#host.images;
    if (this.#imageIds?.generation !== generation)
      this.#imageIds = { generation, idOf: remembered(this.#imageId) };
    return this.#imageIds.idOf;
  }

  #imageId = (name: string): string | undefined => {
    try {
      return this.#host.images.get(name).id;
    } catch {
      return undefined;
    }
  };

  /** The name it was made with, or the ID once that name means another image, as `docker ps` shows it. */
}

/** The name it was created from while that still means its image, else the image's short ID. */
function imageName(record: ContainerRecord, imageId: (name: string) => string | undefined): string {
  const name = record.config.Image ?? "";
  return imageId(name) === record.image ? name : record.image.slice(0, 19);
}

function remembered<T>(work: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined || known.has(name)) return before as T;
    const found = work(name);
    known.set(name, found);
    return found;
  };
}

/** Who starts a container begins to count anew, as in Docker: its restarts, and the time between them. */
function forgetRestarts(host: ContainerHost, record: ContainerRecord): void {
  if (isActive(record)) return;
  record.state.restartCount = 0;
  host.live.of(record.id).restartDelay = 0;
}

function ignoreStopped(error: unknown): void {
  if (!isCode(error, "not_modified")) throw error;
}

function ignoreGone(error: unknown): void {
  if (!isCode(error, "not_found")) throw error;
}
