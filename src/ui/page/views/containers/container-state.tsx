import type { ContainerState } from "../../../../engine/types/container.ts";

type Status = ContainerState["Status"];

const looks: Readonly<Record<Status, { readonly dot: string; readonly word: string }>> = {
  running: { dot: "ok", word: "Running" },
  paused: { dot: "warn", word: "Paused" },
  restarting: { dot: "warn", word: "Restarting" },
  removing: { dot: "warn", word: "Removing" },
  created: { dot: "off", word: "Created" },
  exited: { dot: "off", word: "Stopped" },
  dead: { dot: "bad", word: "Dead" },
};

/** A container's state: a dot and the word for it. */
export function StateDot({ state, bad = false }: { readonly state: Status; readonly bad?: boolean }) {
  const look = looks[state];
  return (
    <span class="row">
      <span class={`status-dot ${bad ? "bad" : look.dot}`} />
      <span>{look.word}</span>
    </span>
  );
}
