import { useSignal, useSignalEffect } from "@preact/signals";
import type { ContainerStats } from "../../../../engine/types/stats.ts";
import { useApp } from "../../app/app.ts";
import { bytes } from "../../data/format.ts";
import { streamLines } from "../../data/stream.ts";
import { ChartCard } from "../../parts/chart-card.tsx";
import { Empty, Loading } from "../../parts/states.tsx";
import { sampleOf, type Sample } from "./stats-samples.ts";

interface StatsTabProps {
  readonly id: string;
  readonly isRunning: boolean;
}

/** Seconds that are shown. */
const span = 180;
const rate = (value: number) => `${bytes(value)}/s`;
const percent = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} %`;

/** What a container uses, live. */
export function StatsTab({ id, isRunning }: StatsTabProps) {
  const { live } = useApp();
  const samples = useSignal<readonly Sample[]>([]);
  useSignalEffect(() => {
    const left = new AbortController();
    if (live.epoch.value > 0 && isRunning) void follow(id, samples, left.signal);
    return () => left.abort();
  });
  if (!isRunning)
    return (
      <Empty icon="events" title="The container does not run">
        <p>What it uses is shown while it does.</p>
      </Empty>
    );
  const last = samples.value.at(-1);
  if (last === undefined) return <Loading />;
  const times = samples.value.map(({ at }) => at);
  const series = (of: (sample: Sample) => number) => samples.value.map(of);
  return (
    <div class="scroll">
      <div class="charts">
        <ChartCard
          title="Processor"
          value={percent(last.cpuPercent)}
          times={times}
          options={{ format: percent, floor: 1, span }}
          lines={[{ name: "of one processor", hue: 1, values: series(({ cpuPercent }) => cpuPercent) }]}
        />
        <ChartCard
          title="Memory"
          value={`${bytes(last.memory)}${last.memoryLimit > 0 ? ` of ${bytes(last.memoryLimit)}` : ""}`}
          times={times}
          options={{ format: bytes, floor: 1e6, span }}
          lines={[{ name: "in use", hue: 2, values: series(({ memory }) => memory) }]}
        />
        <ChartCard
          title="Network"
          value={`↓ ${rate(last.received)}  ↑ ${rate(last.sent)}`}
          times={times}
          options={{ format: rate, floor: 2000, span }}
          lines={[
            { name: "received", hue: 1, values: series(({ received }) => received) },
            { name: "sent", hue: 5, values: series(({ sent }) => sent) },
          ]}
        />
        <ChartCard
          title="Disk"
          value={`read ${rate(last.read)}  write ${rate(last.written)}`}
          times={times}
          options={{ format: rate, floor: 2000, span }}
          lines={[
            { name: "read", hue: 1, values: series(({ read }) => read) },
            { name: "written", hue: 5, values: series(({ written }) => written) },
          ]}
        />
      </div>
      <p class="muted" style={{ paddingTop: "12px" }}>
        {last.processes} {last.processes === 1 ? "process" : "processes"}; the last three minutes, a sample a
        second.
      </p>
    </div>
  );
}

async function follow(id: string, samples: { value: readonly Sample[] }, signal: AbortSignal): Promise<void> {
  let before: ContainerStats | undefined;
  try {
    for await (const stats of streamLines<ContainerStats>(
      `/containers/${id}/stats`,
      { stream: true },
      signal,
    )) {
      const sample = sampleOf(stats, before);
      before = stats;
      if (sample !== undefined)
        samples.value = [...samples.value.filter(({ at }) => at > sample.at - span), sample];
    }
  } catch {
    // Live tells of a lost line, and a new epoch begins anew.
  }
}
