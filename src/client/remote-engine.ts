import type { Engine, EventFilter, NetworkService, SystemService, VolumeService } from "../engine/engine.ts";
import type { EngineEvent } from "../engine/types/event.ts";
import type { WireAddress } from "../platform/unix-fetch.ts";
import { remoteAccess } from "./remote-access.ts";
import { remoteBuilds } from "./remote-builds.ts";
import { remoteContainers, seconds } from "./remote-containers.ts";
import { remoteExecs } from "./remote-execs.ts";
import { remoteFiles } from "./remote-files.ts";
import { remoteImages } from "./remote-images.ts";
import { remoteManifests } from "./remote-manifests.ts";
import { remoteRegistries } from "./remote-registries.ts";
import { remoteResources } from "./remote-resources.ts";
import { remoteStore } from "./remote-store.ts";
import { pathOf, Wire, type WireOptions } from "./wire.ts";

/**
 * An engine behind a socket. Connects with each call, so making one cannot fail, and disposing it has nothing to
 * close. Calls throw the engine's own errors, `unavailable` when it does not answer.
 */
export class RemoteEngine implements Engine {
  readonly images;
  readonly manifests;
  readonly containers;
  readonly files;
  readonly resources;
  readonly execs;
  readonly builds;
  readonly networks;
  readonly volumes;
  readonly system;
  readonly store;
  readonly access;
  readonly registries;
  readonly #wire: Wire;

  constructor(address: WireAddress, options?: WireOptions) {
    const wire = new Wire(address, options);
    this.#wire = wire;
    this.images = remoteImages(wire);
    this.manifests = remoteManifests(wire);
    this.containers = remoteContainers(wire);
    this.files = remoteFiles(wire);
    this.resources = remoteResources(wire);
    this.execs = remoteExecs(wire);
    this.builds = remoteBuilds(wire);
    this.networks = remoteNetworks(wire);
    this.volumes = remoteVolumes(wire);
    this.system = remoteSystem(wire);
    this.store = remoteStore(wire);
    this.access = remoteAccess(wire);
    this.registries = remoteRegistries(wire);
  }

  /** Where it is; of one behind a tunnel, the tunnel's near end. */
  get address(): WireAddress {
    return this.#wire.address;
  }

  /** Resolves when the engine answers. */
  async ping(o: { signal?: AbortSignal } = {}): Promise<void> {
    await this.#wire.done("GET", "/_ping", o);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function remoteSystem(wire: Wire): SystemService {
  return {
    version: (o) => wire.json("GET", "/version", { signal: o?.signal }),
    info: (o) => wire.json("GET", "/info", { signal: o?.signal }),
    check: (o) => wire.json("GET", "/slipway/v1/system/check", { signal: o?.signal }),
    auth: (auth, o) => wire.json("POST", "/auth", { json: auth, signal: o?.signal }),
    dataUsage: (o) => wire.json("GET", "/system/df", { query: { type: o?.types }, signal: o?.signal }),
    events: (filter, o) => events(wire, filter ?? {}, o?.signal),
  };
}

/** Ends when the signal aborts, as the local engine's events do. */
async function* events(
  wire: Wire,
  filter: EventFilter,
  signal: AbortSignal | undefined,
): AsyncGenerator<EngineEvent> {
  const query = { filters: filter.filters, since: seconds(filter.since), until: seconds(filter.until) };
  try {
    const lines = wire.lines("GET", "/events", { query, signal });
    yield* lines as AsyncIterable<object> as AsyncIterable<EngineEvent>;
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}

function remoteNetworks(wire: Wire): NetworkService {
  const at = (name: string, rest = "") => `/networks/${pathOf(name)}${rest}`;
  return {
    list: (o) => wire.json("GET", "/networks", { query: { filters: o?.filters }, signal: o?.signal }),
    create: (spec, o) => wire.json("POST", "/networks/create", { json: spec, signal: o?.signal }),
    inspect: (name, o) =>
      wire.json("GET", at(name), { query: { verbose: o?.verbose, scope: o?.scope }, signal: o?.signal }),
    remove: (name, o) => wire.done("DELETE", at(name), { signal: o?.signal }),
    connect: (name, container, endpoint, o) =>
      wire.done("POST", at(name, "/connect"), {
        json: { Container: container, EndpointConfig: endpoint },
        signal: o?.signal,
      }),
    disconnect: (name, container, o) =>
      wire.done("POST", at(name, "/disconnect"), {
        json: { Container: container, Force: o?.force ?? false },
        signal: o?.signal,
      }),
    prune: (o) => wire.json("POST", "/networks/prune", { query: { filters: o?.filters }, signal: o?.signal }),
  };
}

function remoteVolumes(wire: Wire): VolumeService {
  const at = (name: string) => `/volumes/${pathOf(name)}`;
  return {
    list: (o) => wire.json("GET", "/volumes", { query: { filters: o?.filters }, signal: o?.signal }),
    create: (spec, o) => wire.json("POST", "/volumes/create", { json: spec, signal: o?.signal }),
    inspect: (name, o) => wire.json("GET", at(name), { signal: o?.signal }),
    remove: (name, o) => wire.done("DELETE", at(name), { query: { force: o?.force }, signal: o?.signal }),
    export: async (name, o) =>
      (await wire.call("GET", `/slipway/v1${at(name)}/export`, { signal: o?.signal })).body,
    import: (name, archive, o) =>
      wire.json("POST", `/slipway/v1${at(name)}/import`, {
        headers: { "Content-Type": "application/x-tar" },
        body: archive,
        signal: o?.signal,
      }),
    clone: (name, copyName, o) =>
      wire.json("POST", `/slipway/v1${at(name)}/clone`, { query: { name: copyName }, signal: o?.signal }),
    prune: (o) => wire.json("POST", "/volumes/prune", { query: { filters: o?.filters }, signal: o?.signal }),
  };
}
