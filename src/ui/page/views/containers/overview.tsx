import type { ContainerInspect, Port } from "../../../../engine/types/container.ts";
import { Link } from "../../app/link.tsx";
import { pagePath } from "../../app/router.ts";
import { bytes } from "../../data/format.ts";
import { Card, Pairs, type Pair } from "../../parts/card.tsx";
import { When } from "../../parts/when.tsx";
import { Health } from "./health.tsx";
import { Ports } from "./ports.tsx";

/** What a container is, in cards. */
export function Overview({ of }: { readonly of: ContainerInspect }) {
  return (
    <div class="scroll">
      <div class="cards">
        <Card title="Process">
          <Pairs pairs={processPairs(of)} />
        </Card>
        <Card title="Network">
          <Pairs pairs={networkPairs(of)} />
        </Card>
        {of.State.Health !== undefined && of.State.Health.Status !== "none" && (
          <Health of={of.State.Health} />
        )}
        <Card title="Storage">
          <Pairs pairs={mountPairs(of)} empty="No volumes or binds: what it writes is in its own layer." />
        </Card>
        <Card title="Limits">
          <Pairs pairs={limitPairs(of)} />
        </Card>
        <Card title="Environment">
          <Pairs pairs={(of.Config.Env ?? []).map(splitPair)} empty="None." mono />
        </Card>
        <Card title="Labels">
          <Pairs pairs={Object.entries(of.Config.Labels ?? {})} empty="None." mono />
        </Card>
      </div>
    </div>
  );
}

function processPairs({ Path, Args, State, Config, Created, RestartCount }: ContainerInspect): Pair[] {
  return [
    ["Command", <code key="c">{[Path, ...Args].join(" ")}</code>],
    ["User", Config.User || "root"],
    ["Working directory", <code key="w">{Config.WorkingDir || "/"}</code>],
    ["Created", <When key="t" at={Date.parse(Created)} />],
    ["Started", <When key="s" at={Date.parse(State.StartedAt)} />],
    ...(State.Running
      ? [["Process ID", State.Pid] as const]
      : [["Ended", <When key="e" at={Date.parse(State.FinishedAt)} />] as const]),
    ...(State.Error === ""
      ? []
      : [
          [
            "Error",
            <span key="x" class="bad">
              {State.Error}
            </span>,
          ] as const,
        ]),
    ...(State.OOMKilled ? [["Out of memory", "the kernel killed it"] as const] : []),
    ["Restarts", RestartCount],
  ];
}

function networkPairs({ NetworkSettings, HostConfig, Config }: ContainerInspect): Pair[] {
  const networks = Object.entries(NetworkSettings.Networks);
  return [
    ["Ports", <Ports key="p" ports={portsOf(NetworkSettings.Ports)} />],
    ["Host name", Config.Hostname || "–"],
    ...networks.map(([name, { IPAddress, NetworkID }]): Pair => [
      NetworkID ? (
        <Link key={name} to={pagePath("networks", NetworkID)}>
          {name}
        </Link>
      ) : (
        name
      ),
      IPAddress || "not connected now",
    ]),
    ...(networks.length === 0 ? [["Mode", HostConfig.NetworkMode ?? "none"] as const] : []),
  ];
}

function portsOf(ports: ContainerInspect["NetworkSettings"]["Ports"]): Port[] {
  return Object.entries(ports).flatMap(([key, bindings]): Port[] => {
    const [port, type] = key.split("/");
    const base = { PrivatePort: Number(port), Type: type as Port["Type"] };
    if (bindings === null || bindings.length === 0) return [base];
    return bindings.map(({ HostPort }) => ({ ...base, PublicPort: Number(HostPort) }));
  });
}

function mountPairs({ Mounts }: ContainerInspect): Pair[] {
  return Mounts.map(({ Type, Name, Source, Destination, RW }) => [
    <code key="d">{Destination}</code>,
    <span key="s">
      {Type === "volume" && Name !== undefined ? (
        <Link to={pagePath("volumes", Name)}>{Name}</Link>
      ) : (
        Source || Type
      )}{" "}
      <span class="muted">
        {Type}
        {RW ? "" : ", read-only"}
      </span>
    </span>,
  ]);
}

function limitPairs({
  HostConfig: { Memory = 0, NanoCpus = 0, PidsLimit, RestartPolicy, ReadonlyRootfs },
}: ContainerInspect): Pair[] {
  return [
    ["Memory", Memory > 0 ? bytes(Memory) : "no limit"],
    ["Processors", NanoCpus > 0 ? NanoCpus / 1e9 : "no limit"],
    ["Processes", PidsLimit != null && PidsLimit > 0 ? PidsLimit : "no limit"],
    ["Restart policy", RestartPolicy?.Name || "no"],
    ["Root file system", ReadonlyRootfs === true ? "read-only" : "writable"],
  ];
}

function splitPair(text: string): Pair {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
