import type { ContainerState } from "../../../../engine/types/container.ts";
import { clock, duration } from "../../data/format.ts";
import { Card } from "../../parts/card.tsx";

interface HealthProps {
  readonly of: NonNullable<ContainerState["Health"]>;
}

/** What the health check said, newest first. */
export function Health({ of }: HealthProps) {
  const look = { healthy: "ok", unhealthy: "bad", starting: "warn", none: "" }[of.Status];
  return (
    <Card title="Health" aside={<span class={`chip ${look}`}>{of.Status}</span>}>
      {of.Log.length === 0 ? (
        <p class="muted">Not checked yet.</p>
      ) : (
        <ul class="stack">
          {of.Log.toReversed().map(({ Start, End, ExitCode, Output }) => (
            <li key={Start} class="two-lines">
              <span class="row">
                <span class={`status-dot ${ExitCode === 0 ? "ok" : "bad"}`} />
                <span class="number">{clock(Date.parse(Start))}</span>
                <span class="muted number">{duration(Date.parse(End) - Date.parse(Start))}</span>
                {ExitCode !== 0 && <span class="bad">exit code {ExitCode}</span>}
              </span>
              {Output.trim() !== "" && <code class="second">{Output.trim()}</code>}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
