import { useState } from "preact/hooks";
import type { BuildRecord } from "../../../../engine/engine.ts";
import { Link } from "../../app/link.tsx";
import { pagePath } from "../../app/router.ts";
import { getJson } from "../../data/api.ts";
import { duration, shortId } from "../../data/format.ts";
import { useResource } from "../../data/resource.ts";
import { Icon } from "../../parts/icon.tsx";
import { Failure, Loading } from "../../parts/states.tsx";
import { Fact, View } from "../../parts/view.tsx";
import { When } from "../../parts/when.tsx";
import { Outcome } from "./build-cells.tsx";
import { BuildModel, errorText, type Step } from "./build-model.ts";
import { buildTitle } from "./builds-view.tsx";
import { PastBars } from "./past-bars.tsx";
import { StepPane } from "./step-pane.tsx";
import { Timeline } from "./timeline.tsx";
import { useBuild, type ShownBuild } from "./use-build.ts";
import { useRunning } from "./use-running.ts";

/** One build, while it runs and after. */
export function BuildView({ id }: { readonly id: string }) {
  const { build, error } = useBuild(id);
  const running = useRunning();
  const shown = build.value;
  const about = shown?.report ?? running.value.find((one) => one.id === id);
  const all = useResource((signal) => getJson<BuildRecord[]>("/slipway/v1/builds", { signal }), {
    key: shown?.report?.id ?? "",
  });
  const title = about === undefined ? `build ${id.slice(0, 6)}` : buildTitle(about.tags, id);
  return (
    <View
      title={title}
      crumb={{ to: "/builds", title: "Builds" }}
      facts={shown && <Facts of={shown} />}
      tools={shown?.report && <PastBars of={shown.report} all={all.data.value ?? []} />}
    >
      {shown === undefined && error.value === undefined && <Loading />}
      {shown === undefined && error.value !== undefined && (
        <Failure error={error.value} retry={() => location.reload()} />
      )}
      {shown !== undefined && <Body id={id} shown={shown} />}
    </View>
  );
}

function Body({ id, shown: { model, report } }: { readonly id: string; readonly shown: ShownBuild }) {
  const [chosen, setChosen] = useState<string>();
  const steps = [...model.steps.values()];
  const step = model.steps.get(chosen ?? "") ?? telling(steps);
  return (
    <>
      <Notes model={model} advice={report?.advice ?? []} />
      <div class="split build-split">
        <Timeline model={model} chosen={step?.id} onChoose={setChosen} />
        {step === undefined ? (
          <div class="pane" />
        ) : (
          <StepPane key={step.id} build={id} step={step} hasEnded={model.outcome !== "running"} />
        )}
      </div>
    </>
  );
}

/** What to look at when nothing was chosen: what failed, else what runs, else the longest. */
function telling(steps: readonly Step[]): Step | undefined {
  const long = (step: Step) => (step.endedAt ?? 0) - (step.startedAt ?? 0);
  const done = steps.filter(({ state }) => state === "done").toSorted((a, b) => long(b) - long(a));
  return (
    steps.find(({ state }) => state === "failed") ??
    steps.find(({ state }) => state === "running") ??
    done[0] ??
    steps[0]
  );
}

function Facts({ of: { model, report } }: { readonly of: ShownBuild }) {
  return (
    <>
      <Outcome outcome={model.outcome} />
      {model.startedAt !== undefined && (
        <Fact name="started">
          <When at={model.startedAt} />
        </Fact>
      )}
      {report !== undefined && <Fact name="took">{duration(report.durationMs)}</Fact>}
      {report?.imageID !== undefined && (
        <Fact name="image">
          <Link to={pagePath("images", report.imageID)}>{shortId(report.imageID)}</Link>
        </Fact>
      )}
    </>
  );
}

function Notes({ model, advice }: { readonly model: BuildModel; readonly advice: readonly string[] }) {
  // What a step failed of stands beside the step.
  const hasFailedStep = [...model.steps.values()].some(({ state }) => state === "failed");
  const error = hasFailedStep ? undefined : model.error;
  if (advice.length + model.warnings.length === 0 && error === undefined) return null;
  return (
    <div class="stack" style={{ gap: "8px", paddingBottom: "16px" }}>
      {error !== undefined && (
        <div class="callout bad">
          <Icon name="alert" />
          <span>{errorText(error)}</span>
        </div>
      )}
      {advice.map((text) => (
        <div key={text} class="callout">
          <Icon name="bulb" />
          <span>
            <Ticked text={text.slice(0, 1).toUpperCase() + text.slice(1)} />
          </span>
        </div>
      ))}
      {model.warnings.map((text) => (
        <div key={text} class="callout warn">
          <Icon name="alert" />
          <span>{text}</span>
        </div>
      ))}
    </div>
  );
}

/** What stands between backticks is code. */
function Ticked({ text }: { readonly text: string }) {
  return <>{text.split("`").map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}</>;
}
