import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { messageFrom, send, sendJson } from "../../data/api.ts";
import { TerminalView } from "../../parts/terminal.tsx";

interface StepShellProps {
  readonly build: string;
  /** `build 3/7` */
  readonly place: string;
  /** The step failed: its files are as it began. */
  readonly isBefore: boolean;
}

/** A shell in a container made of the files at a step of a build. All of it is gone when the shell ends. */
export function StepShell({ build, place, isBefore }: StepShellProps) {
  const [container, said] = [useSignal<string | undefined>(undefined), useSignal("")];
  useEffect(() => {
    const made = makeShell(build, place);
    made.then(
      ({ id }) => (container.value = id),
      (error: unknown) => (said.value = messageFrom(error)),
    );
    return () => void made.then(clear, () => {});
  }, [build, place]);
  return (
    <div class="stack" style={{ flex: 1, minHeight: 0, padding: "12px 16px 0" }}>
      <p class="soft" role="status">
        {said.value ||
          (isBefore
            ? "A shell in the files as they were before the step failed."
            : "A shell in the files as the step left them.")}{" "}
        What you change here is not kept.
      </p>
      {container.value !== undefined && (
        <TerminalView
          path={`/ws/attach?container=${container.value}`}
          label="Shell in the step"
          onEnd={(how) => (said.value = how)}
        />
      )}
    </div>
  );
}

interface ShellParts {
  readonly id: string;
  readonly image: string;
}

async function makeShell(build: string, step: string): Promise<ShellParts> {
  const query = { id: build, step };
  const { Image: image } = await sendJson<{ Image: string }>("POST", "/slipway/v1/builds/step", { query });
  const streams = {
    Tty: true,
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  };
  const json = {
    ...streams,
    Image: image,
    Cmd: ["/bin/sh"],
    Env: ["TERM=xterm-256color"],
    Labels: { "slipway.ui.build": `${build} ${step}` },
    HostConfig: { AutoRemove: true },
  };
  const { Id } = await sendJson<{ Id: string }>("POST", "/containers/create", { json });
  return { id: Id, image };
}

async function clear({ id, image }: ShellParts): Promise<void> {
  await send("DELETE", `/containers/${id}`, { query: { force: true, v: true } }).catch(() => {});
  await send("DELETE", `/images/${image}`).catch(() => {});
}
