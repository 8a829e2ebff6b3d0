import type { Command } from "./command.ts";

/** A command by name: what `--help` says of it, and how to load it. Nothing is imported before it is needed. */
export interface TableEntry {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

export type CommandTable = Readonly<Record<string, TableEntry>>;

const entry = (summary: string, load: () => Promise<{ default: Command }>): TableEntry => ({
  summary,
  load: async () => (await load()).default,
});

const containerVerbs: CommandTable = {
  attach: entry("Attach local standard streams to a running container", () => import("./commands/attach.ts")),
  commit: entry("Create a new image from a container's changes", () => import("./commands/commit.ts")),
  cp: entry(
    "Copy files/folders between a container and the local filesystem",
    () => import("./commands/cp.ts"),
  ),
  create: entry("Create a new container", () => import("./commands/create.ts")),
  diff: entry(
    "Inspect changes to files or directories on a container's filesystem",
    () => import("./commands/diff.ts"),
  ),
  exec: entry("Execute a command in a running container", () => import("./commands/exec.ts")),
  export: entry("Export a container's filesystem as a tar archive", () => import("./commands/export.ts")),
  fork: entry(
    "Start a copy of a container with its files as they are now",
    () => import("./commands/fork.ts"),
  ),
  inspect: entry(
    "Display detailed information on one or more containers",
    () => import("./commands/container-inspect.ts"),
  ),
  kill: entry("Kill one or more running containers", () => import("./commands/kill.ts")),
  logs: entry("Fetch the logs of a container", () => import("./commands/logs.ts")),
  pause: entry("Pause all processes within one or more containers", () => import("./commands/pause.ts")),
  port: entry(
    "List port mappings or a specific mapping for the container",
    () => import("./commands/port.ts"),
  ),
  rename: entry("Rename a container", () => import("./commands/rename.ts")),
  restart: entry("Restart one or more containers", () => import("./commands/restart.ts")),
  rm: entry("Remove one or more containers", () => import("./commands/rm.ts")),
  run: entry("Create and run a new container from an image", () => import("./commands/run.ts")),
  start: entry("Start one or more stopped containers", () => import("./commands/start.ts")),
  stats: entry(
    "Display a live stream of container(s) resource usage statistics",
    () => import("./commands/stats.ts"),
  ),
  stop: entry("Stop one or more running containers", () => import("./commands/stop.ts")),
  top: entry("Display the running processes of a container", () => import("./commands/top.ts")),
  unpause: entry(
    "Unpause all processes within one or more containers",
    () => import("./commands/unpause.ts"),
  ),
  update: entry("Update configuration of one or more containers", () => import("./commands/update.ts")),
  wait: entry(
    "Block until one or more containers stop, then print their exit codes",
    () => import("./commands/wait.ts"),
  ),
};

const imageVerbs: CommandTable = {
  build: entry("Build an image from a Dockerfile", () => import("./commands/build.ts")),
  import: entry(
    "Import the contents from a tarball to create a filesystem image",
    () => import("./commands/import.ts"),
  ),
  history: entry("Show the history of an image", () => import("./commands/history.ts")),
  load: entry("Load an image from a tar archive or STDIN", () => import("./commands/load.ts")),
  pull: entry("Download an image from a registry", () => import("./commands/pull.ts")),
  push: entry("Upload an image to a registry", () => import("./commands/push.ts")),
  save: entry("Save one or more images to a tar archive", () => import("./commands/save.ts")),
  tag: entry("Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE", () => import("./commands/tag.ts")),
};

interface Group {
  readonly summary: string;
  readonly verbs: CommandTable;
  /** The verb it stands for when none is given. */
  readonly bare?: string;
}

/** Commands with a verb behind them: `slipway image ls`. */
export const groups: Readonly<Record<string, Group>> = {
  container: {
    summary: "Manage containers",
    verbs: {
      ...containerVerbs,
      ls: entry("List containers", () => import("./commands/ps.ts")),
      prune: entry("Remove all stopped containers", () => import("./commands/container-prune.ts")),
    },
  },
  image: {
    summary: "Manage images",
    verbs: {
      ...imageVerbs,
      diff: entry("Show how one image differs from another", () => import("./commands/image-diff.ts")),
      layers: entry(
        "Show what is in each layer of an image, and what is wasted",
        () => import("./commands/image-layers.ts"),
      ),
      inspect: entry(
        "Display detailed information on one or more images",
        () => import("./commands/image-inspect.ts"),
      ),
      ls: entry("List images", () => import("./commands/images.ts")),
      mount: entry("Mount an image read-only and print where", () => import("./commands/image-mount.ts")),
      prune: entry("Remove unused images", () => import("./commands/image-prune.ts")),
      unmount: entry("Unmount images", () => import("./commands/image-unmount.ts")),
      rm: entry("Remove one or more images", () => import("./commands/rmi.ts")),
    },
  },
  manifest: {
    summary: "Manage image manifests and manifest lists",
    verbs: {
      annotate: entry(
        "Add additional information to a local image manifest",
        () => import("./commands/manifest-annotate.ts"),
      ),
      create: entry(
        "Create a local manifest list for annotating and pushing to a registry",
        () => import("./commands/manifest-create.ts"),
      ),
      inspect: entry(
        "Display an image manifest, or manifest list",
        () => import("./commands/manifest-inspect.ts"),
      ),
      push: entry("Push a manifest list to a repository", () => import("./commands/manifest-push.ts")),
      rm: entry(
        "Delete one or more manifest lists from local storage",
        () => import("./commands/manifest-rm.ts"),
      ),
    },
  },
  network: {
    summary: "Manage networks",
    verbs: {
      connect: entry("Connect a container to a network", () => import("./commands/network-connect.ts")),
      create: entry("Create a network", () => import("./commands/network-create.ts")),
      disconnect: entry(
        "Disconnect a container from a network",
        () => import("./commands/network-disconnect.ts"),
      ),
      inspect: entry(
        "Display detailed information on one or more networks",
        () => import("./commands/network-inspect.ts"),
      ),
      ls: entry("List networks", () => import("./commands/network-ls.ts")),
      prune: entry("Remove all unused networks", () => import("./commands/network-prune.ts")),
      rm: entry("Remove one or more networks", () => import("./commands/network-rm.ts")),
    },
  },
  volume: {
    summary: "Manage volumes",
    verbs: {
      clone: entry("Make a volume with the files of another", () => import("./commands/volume-clone.ts")),
      create: entry("Create a volume", () => import("./commands/volume-create.ts")),
      export: entry("Write a volume's files as a tar archive", () => import("./commands/volume-export.ts")),
      import: entry("Make a volume from a tar archive", () => import("./commands/volume-import.ts")),
      inspect: entry(
        "Display detailed information on one or more volumes",
        () => import("./commands/volume-inspect.ts"),
      ),
      ls: entry("List volumes", () => import("./commands/volume-ls.ts")),
      prune: entry("Remove unused local volumes", () => import("./commands/volume-prune.ts")),
      rm: entry("Remove one or more volumes", () => import("./commands/volume-rm.ts")),
    },
  },
  builds: {
    summary: "Explain builds that have ended",
    bare: "ls",
    verbs: {
      inspect: entry(
        "Explain a build: hits, misses and their causes, durations, advice",
        () => import("./commands/builds-inspect.ts"),
      ),
      ls: entry("List builds", () => import("./commands/builds-ls.ts")),
    },
  },
  engine: {
    summary: "Run the engine in the foreground, and manage its sockets",
    bare: "run",
    verbs: {
      run: entry("Run the engine in the foreground", () => import("./commands/engine.ts")),
      socket: entry(
        "Manage sockets that allow a part of what the engine does",
        () => import("./commands/engine-socket.ts"),
      ),
    },
  },
  token: {
    summary: "Manage tokens that allow a part of what the engine does",
    verbs: {
      create: entry("Create a token and print it", () => import("./commands/token-create.ts")),
      ls: entry("List tokens", () => import("./commands/token-ls.ts")),
      rm: entry("Remove tokens, by ID or name", () => import("./commands/token-rm.ts")),
    },
  },
  context: {
    summary: "Manage contexts: names for engines elsewhere",
    verbs: {
      create: entry("Create a context", () => import("./commands/context-create.ts")),
      inspect: entry(
        "Display detailed information on one or more contexts",
        () => import("./commands/context-inspect.ts"),
      ),
      ls: entry("List contexts", () => import("./commands/context-ls.ts")),
      rm: entry("Remove one or more contexts", () => import("./commands/context-rm.ts")),
      show: entry("Print the name of the current context", () => import("./commands/context-show.ts")),
      use: entry("Set the current context", () => import("./commands/context-use.ts")),
    },
  },
  builder: {
    summary: "Manage builds",
    verbs: { prune: entry("Remove build cache", () => import("./commands/builder-prune.ts")) },
  },
  registry: {
    summary: "Run and use registries",
    verbs: {
      copy: entry(
        "Copy an image from registry to registry without a local store",
        () => import("./commands/registry-copy.ts"),
      ),
      delete: entry(
        "Delete tags or manifests from a registry",
        () => import("./commands/registry-delete.ts"),
      ),
      inspect: entry(
        "Show an image of a registry without pulling it",
        () => import("./commands/registry-inspect.ts"),
      ),
      ls: entry("List the repositories of a registry", () => import("./commands/registry-ls.ts")),
      tags: entry("List the tags of a repository", () => import("./commands/registry-tags.ts")),
      gc: entry(
        "Take from a registry's storage what nothing needs",
        () => import("./commands/registry-gc.ts"),
      ),
      passwd: entry(
        "Set the password of a user in the htpasswd file of a registry",
        () => import("./commands/registry-passwd.ts"),
      ),
      serve: entry("Serve a registry (OCI distribution API)", () => import("./commands/registry-serve.ts")),
      sync: entry(
        "Make tags of one registry those of another, by patterns",
        () => import("./commands/registry-sync.ts"),
      ),
    },
  },
  system: {
    summary: "Manage Slipway",
    verbs: {
      "dial-stdio": entry(
        "Join standard input and output with the engine's socket",
        () => import("./commands/dial-stdio.ts"),
      ),
      check: entry(
        "Verify every blob, record, snapshot and mount of the store",
        () => import("./commands/system-check.ts"),
      ),
      df: entry("Show disk usage", () => import("./commands/system-df.ts")),
      events: entry("Get real time events from the engine", () => import("./commands/events.ts")),
      info: entry("Display system-wide information", () => import("./commands/info.ts")),
      prune: entry("Remove unused data", () => import("./commands/system-prune.ts")),
      uninstall: entry(
        "Stop the engine and take all it made out of the system",
        () => import("./commands/uninstall.ts"),
      ),
    },
  },
};

/** What people type most. */
export const commands: CommandTable = {
  ...containerVerbs,
  ...imageVerbs,
  inspect: entry("Return low-level information on Slipway objects", () => import("./commands/inspect.ts")),
  events: entry("Get real time events from the engine", () => import("./commands/events.ts")),
  images: entry("List images", () => import("./commands/images.ts")),
  info: entry("Display system-wide information", () => import("./commands/info.ts")),
  login: entry("Authenticate to a registry", () => import("./commands/login.ts")),
  logout: entry("Log out from a registry", () => import("./commands/logout.ts")),
  ps: entry("List containers", () => import("./commands/ps.ts")),
  search: entry("Search Docker Hub, or another registry, for images", () => import("./commands/search.ts")),
  rmi: entry("Remove one or more images", () => import("./commands/rmi.ts")),
  ui: entry("Show images, builds and containers in the browser", () => import("./commands/ui.ts")),
  version: entry("Show the Slipway version information", () => import("./commands/version.ts")),
};

/** Second names inside a group, as Docker has them. */
export const verbAliases: Readonly<Record<string, string>> = {
  list: "ls",
  ps: "ls",
  remove: "rm",
  umount: "unmount",
};
