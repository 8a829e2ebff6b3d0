import { useApp } from "../../app/app.ts";
import { duration } from "../../data/format.ts";
import { Icon } from "../../parts/icon.tsx";
import { stepLabel, type BuildModel, type Step } from "./build-model.ts";

interface TimelineProps {
  readonly model: BuildModel;
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
}

/** The graph over time: what ran side by side; of the chosen step also what it waited for. */
export function Timeline({ model, chosen, onChoose }: TimelineProps) {
  const { now } = useApp();
  const start = model.startedAt ?? 0;
  const steps = [...model.steps.values()];
  const isRunning = model.outcome === "running";
  const last = Math.max(
    start + 1,
    ...steps.map(({ endedAt = 0, startedAt = 0 }) => Math.max(endedAt, startedAt)),
  );
  const end = isRunning ? Math.max(last, Math.min(now.value, Date.now())) : last;
  const inputs = new Set(model.steps.get(chosen ?? "")?.inputs);
  return (
    <div class="pane">
      <div class="pane-head">
        <h2 class="grow">Steps over time</h2>
        <Legend />
      </div>
      <div class="axis" aria-hidden="true">
        <span />
        <span />
        <span class="axis-marks">
          <span>0</span>
          <span>{duration((end - start) / 2)}</span>
          <span />
        </span>
        <span class="right number">{duration(end - start)}</span>
      </div>
      <div class="pane-body" role="group" aria-label="Steps">
        {steps.map((step) => (
          <StepRow
            key={step.id}
            step={step}
            start={start}
            end={end}
            isChosen={step.id === chosen}
            isInput={inputs.has(step.id)}
            onChoose={() => onChoose(step.id)}
          />
        ))}
      </div>
    </div>
  );
}

function Legend() {
  return (
    <span class="row muted wide-only" aria-hidden="true">
      <span class="status-dot ok" /> hit
      <span class="status-dot" style={{ background: "var(--accent)" }} /> done again
      <span class="status-dot bad" /> failed
    </span>
  );
}

interface StepRowProps {
  readonly step: Step;
  readonly start: number;
  readonly end: number;
  readonly isChosen: boolean;
  readonly isInput: boolean;
  readonly onChoose: () => void;
}

const words = {
  waiting: "waits",
  running: "runs",
  hit: "hit",
  done: "done",
  failed: "failed",
  skipped: "not begun",
} as const;

function StepRow({ step, start, end, isChosen, isInput, onChoose }: StepRowProps) {
  const { place, text } = stepLabel(step.name);
  const from = step.startedAt ?? step.endedAt;
  const to = step.endedAt ?? (step.state === "running" ? end : from);
  const part = (at: number) => (100 * (at - start)) / Math.max(1, end - start);
  const took = from === undefined || to === undefined ? undefined : to - from;
  return (
    <button type="button" class="step-row" aria-pressed={isChosen} onClick={onChoose} title={step.name}>
      <StepMark state={step.state} />
      <span class="two-lines">
        <span class="step-name clip">{text}</span>
        {place !== "" && (
          <span class="second">
            {place}
            {isInput && <span class="hidden-text"> the chosen step waited for it</span>}
          </span>
        )}
      </span>
      <span class="step-track" aria-hidden="true">
        {from !== undefined && to !== undefined && (
          <span
            class={`step-bar ${step.state}${isInput ? " related" : ""}`}
            style={{
              left: `min(${part(from)}%, 100% - 5px)`,
              ...(step.state !== "hit" && { width: `${Math.max(0, part(to) - part(from))}%` }),
            }}
          />
        )}
      </span>
      <span class="number right soft">
        {step.state === "done" || step.state === "failed" || step.state === "running"
          ? duration(took ?? 0)
          : words[step.state]}
      </span>
    </button>
  );
}

export function StepMark({ state }: Pick<Step, "state">) {
  const look = {
    waiting: <span class="status-dot off" />,
    skipped: <span class="status-dot off" />,
    running: <span class="banner-pulse" style={{ background: "var(--accent)" }} />,
    hit: <Icon name="check" />,
    done: <span class="status-dot" style={{ background: "var(--accent)" }} />,
    failed: <Icon name="close" />,
  }[state];
  return (
    <span class={`step-mark ${state === "hit" ? "ok" : state === "failed" ? "bad" : ""}`}>
      {look}
      <span class="hidden-text">{words[state]}</span>
    </span>
  );
}
