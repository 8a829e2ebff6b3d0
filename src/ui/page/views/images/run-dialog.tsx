import { useSignal } from "@preact/signals";
import { useApp } from "../../app/app.ts";
import { pagePath } from "../../app/router.ts";
import { send, sendJson } from "../../data/api.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { Check, Field } from "../../parts/field.tsx";
import { runSpec } from "./run-spec.ts";

interface RunDialogProps {
  readonly image?: string;
}

/** Makes a container of an image and starts it. */
export function RunDialog({ image = "" }: RunDialogProps) {
  const app = useApp();
  const [from, name, command] = [useSignal(image), useSignal(""), useSignal("")];
  const [ports, env, volumes] = [useSignal(""), useSignal(""), useSignal("")];
  const [remove, restart] = [useSignal(false), useSignal(false)];
  const run = async () => {
    const given = { image: from.value, command: command.value, ports: ports.value, env: env.value };
    const spec = runSpec({ ...given, volumes: volumes.value, remove: remove.value, restart: restart.value });
    const query = { name: name.value.trim() || undefined };
    const { Id } = await sendJson<{ Id: string }>("POST", "/containers/create", { json: spec, query });
    await send("POST", `/containers/${Id}/start`);
    app.tell("ok", `${name.value.trim() || from.value} started`);
    app.router.go(pagePath("containers", Id));
  };
  return (
    <Dialog
      title={image === "" ? "Run a container" : "Run"}
      action="Run"
      wide
      disabled={from.value.trim() === ""}
      onClose={app.closeDialog}
      onSubmit={run}
    >
      <div class="form-grid">
        <Field label="Image" value={from} placeholder="my-app:1.0" mono focus={image === ""} />
        <Field label="Name" value={name} placeholder="chosen for you" mono focus={image !== ""} />
        <Field label="Command" value={command} placeholder="as the image says" mono whole />
        <Field
          label="Ports"
          value={ports}
          rows={2}
          placeholder="8080:80"
          hint="Host:container, one a line. Without a host port a free one is taken."
          mono
        />
        <Field label="Environment" value={env} rows={2} placeholder="NAME=value" hint="One a line." mono />
        <Field
          label="Volumes and binds"
          value={volumes}
          rows={2}
          placeholder="data:/var/lib/data"
          hint="Volume or host directory, then where it is seen inside; one a line."
          mono
          whole
        />
      </div>
      <div class="row wrap">
        <Check label="Remove it when it ends" value={remove} />
        <Check label="Start it again whenever it ends" value={restart} />
      </div>
    </Dialog>
  );
}
