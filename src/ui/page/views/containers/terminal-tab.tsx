import { useSignal } from "@preact/signals";
import { useState } from "preact/hooks";
import { useApp } from "../../app/app.ts";
import { Button } from "../../parts/button.tsx";
import { Empty } from "../../parts/states.tsx";
import { TerminalView } from "../../parts/terminal.tsx";
import { shellWords } from "../images/run-spec.ts";

interface TerminalTabProps {
  readonly id: string;
  readonly name: string;
  readonly isRunning: boolean;
}

/** A process of one's own in the container, with a terminal. */
export function TerminalTab({ id, name, isRunning }: TerminalTabProps) {
  const { readOnly } = useApp();
  const [command, user, said] = [useSignal("sh"), useSignal(""), useSignal("")];
  const [session, setSession] = useState<{ path: string; number: number }>();
  if (readOnly)
    return (
      <Empty icon="terminal" title="No terminal here">
        <p>This page is read-only: a terminal could change the container.</p>
      </Empty>
    );
  if (!isRunning)
    return (
      <Empty icon="terminal" title="The container does not run">
        <p>Start it, and open a shell in it here.</p>
      </Empty>
    );
  const open = () => {
    said.value = "";
    const query = new URLSearchParams({ container: id, command: JSON.stringify(shellWords(command.value)) });
    if (user.value.trim() !== "") query.set("user", user.value.trim());
    setSession({ path: `/ws/exec?${query}`, number: (session?.number ?? 0) + 1 });
  };
  return (
    <>
      <form
        class="log-tools"
        onSubmit={(event) => {
          event.preventDefault();
          open();
        }}
      >
        <label class="row">
          <span class="soft">Run</span>
          <input
            class="input mono"
            style={{ width: "220px" }}
            value={command.value}
            onInput={(event) => (command.value = event.currentTarget.value)}
            spellcheck={false}
          />
        </label>
        <label class="row">
          <span class="soft">as</span>
          <input
            class="input mono"
            style={{ width: "120px" }}
            placeholder="its own user"
            value={user.value}
            onInput={(event) => (user.value = event.currentTarget.value)}
            spellcheck={false}
          />
        </label>
        <Button type="submit" kind="primary" icon="terminal" disabled={command.value.trim() === ""}>
          {session === undefined ? "Open a terminal" : "Open it anew"}
        </Button>
        <span class="soft" role="status">
          {said.value}
        </span>
      </form>
      {session !== undefined && (
        <TerminalView
          key={session.number}
          path={session.path}
          label={`Terminal in ${name}`}
          onEnd={(how) => (said.value = how)}
        />
      )}
    </>
  );
}
