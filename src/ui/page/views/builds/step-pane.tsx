import { useSignal } from "@preact/signals";
import { useApp } from "../../app/app.ts";
import { Button } from "../../parts/button.tsx";
import { Icon } from "../../parts/icon.tsx";
import { LogView } from "../../parts/log-view.tsx";
import { SearchBox } from "../../parts/search-box.tsx";
import { errorText, stepLabel, type Step } from "./build-model.ts";
import { StepShell } from "./step-shell.tsx";

interface StepPaneProps {
  readonly build: string;
  readonly step: Step;
  readonly hasEnded: boolean;
}

/** One step: why it was no hit, what it said, and a shell where it stands. */
export function StepPane({ build, step, hasEnded }: StepPaneProps) {
  const app = useApp();
  const [follows, search, hasShell] = [useSignal(true), useSignal(""), useSignal(false)];
  const { place, text } = stepLabel(step.name);
  const canEnter =
    hasEnded && place !== "" && !app.readOnly && ["failed", "done", "hit"].includes(step.state);
  return (
    <section class="pane" aria-label="The chosen step">
      <div class="pane-head">
        <h2 class="grow clip mono" title={text}>
          {text}
        </h2>
        {canEnter && (
          <Button
            small
            icon="terminal"
            pressed={hasShell.value}
            onClick={() => (hasShell.value = !hasShell.value)}
          >
            Shell
          </Button>
        )}
      </div>
      <Why step={step} />
      {hasShell.value ? (
        <StepShell build={build} place={place} isBefore={step.state === "failed"} />
      ) : (
        <>
          {step.log.version.value >= 0 && step.log.lines.length > 0 && (
            <div class="pane-head">
              <span class="grow muted">Output</span>
              <SearchBox value={search} label="Search the output" />
            </div>
          )}
          <LogView
            buffer={step.log}
            label="Output of the step"
            follows={follows}
            search={search.value}
            inside
            empty={emptyText(step, hasEnded)}
          />
        </>
      )}
    </section>
  );
}

function emptyText({ state, progress }: Step, hasEnded: boolean): string {
  if (state === "hit") return "Nothing was done: the result of an earlier build stands.";
  if (progress !== "") return progress;
  if (state === "waiting") return "It waits for others.";
  return hasEnded ? "It said nothing, or what it said is not kept." : "It has said nothing yet.";
}

function Why({ step }: { readonly step: Step }) {
  if (step.causes.length === 0 && step.error === undefined) return null;
  return (
    <div class="stack" style={{ padding: "12px 16px", borderBottom: "1px solid var(--line)" }}>
      {step.error !== undefined && (
        <div class="callout bad">
          <Icon name="alert" />
          <span>{errorText(step.error)}</span>
        </div>
      )}
      {step.causes.length > 0 && (
        <div class="causes">
          <h3>Why it was done again</h3>
          {step.causes.map((cause) => (
            <span key={cause} class="cause">
              <span class="warn" aria-hidden="true">
                ●
              </span>
              <span>{cause}</span>
            </span>
          ))}
        </div>
      )}
    </div>
  );
}
