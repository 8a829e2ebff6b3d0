import type { ContainerState } from "../../../../engine/types/container.ts";
import { useApp, type App } from "../../app/app.ts";
import { send } from "../../data/api.ts";
import { Button, IconButton } from "../../parts/button.tsx";
import { Confirm } from "../../parts/confirm.tsx";

interface ActionsProps {
  readonly id: string;
  readonly name: string;
  readonly state: ContainerState["Status"];
  /** Icons alone, for a row of a list. */
  readonly compact?: boolean;
  readonly onRemoved?: () => void;
}

const isOn = (state: ContainerState["Status"]) => ["running", "paused", "restarting"].includes(state);

/** Start, stop, restart, pause and remove, as the container's state has it. */
export function ContainerActions({ id, name, state, compact = false, onRemoved }: ActionsProps) {
  const app = useApp();
  if (app.readOnly) return null;
  const act = (verb: string, done: string) => () => doVerb(app, id, verb, `${name} ${done}`);
  const stop = act("stop", "stopped");
  const on = isOn(state);
  const remove = () => {
    app.dialog.value = <RemoveContainer id={id} name={name} onRemoved={onRemoved} />;
  };
  if (compact)
    return (
      <div class="cell-actions">
        {on ? (
          <IconButton icon="stop" label={`Stop ${name}`} onClick={stop} />
        ) : (
          <IconButton icon="play" label={`Start ${name}`} onClick={act("start", "started")} />
        )}
        <IconButton icon="restart" label={`Restart ${name}`} onClick={act("restart", "restarted")} />
        <IconButton icon="trash" kind="danger" label={`Remove ${name}`} onClick={remove} />
      </div>
    );
  return (
    <>
      {on ? (
        <Button icon="stop" onClick={stop}>
          Stop
        </Button>
      ) : (
        <Button icon="play" kind="primary" onClick={act("start", "started")}>
          Start
        </Button>
      )}
      <Button icon="restart" onClick={act("restart", "restarted")}>
        Restart
      </Button>
      {state === "running" && <IconButton icon="pause" label="Pause" onClick={act("pause", "paused")} />}
      {state === "paused" && <IconButton icon="play" label="Resume" onClick={act("unpause", "goes on")} />}
      <IconButton icon="trash" kind="danger" label="Remove" onClick={remove} />
    </>
  );
}

interface RemoveProps {
  readonly id: string;
  readonly name: string;
  readonly onRemoved: (() => void) | undefined;
}

function RemoveContainer({ id, name, onRemoved }: RemoveProps) {
  const app = useApp();
  const remove = async () => {
    await send("DELETE", `/containers/${id}`, { query: { force: true, v: true } });
    app.tell("ok", `${name} removed`);
    onRemoved?.();
  };
  return (
    <Confirm title={`Remove ${name}?`} action="Remove" onClose={app.closeDialog} work={remove}>
      If it runs it is killed first. What it wrote into its own layer is lost, and its unnamed volumes go with
      it. Named volumes and its image stay.
    </Confirm>
  );
}

async function doVerb(app: App, id: string, verb: string, done: string): Promise<void> {
  await app.attempt(() => send("POST", `/containers/${id}/${verb}`), done);
}
