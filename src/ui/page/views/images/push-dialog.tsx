import { useSignal } from "@preact/signals";
import { useApp } from "../../app/app.ts";
import { pathName } from "../../data/api.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { Field } from "../../parts/field.tsx";
import { familiar } from "./image-names.ts";
import { splitReference } from "./references.ts";
import { transfer, TransferList, type TransferLines } from "./transfer.tsx";

interface PushDialogProps {
  readonly tags: readonly string[];
}

/** Sends an image to the registry that its name begins with. */
export function PushDialog({ tags }: PushDialogProps) {
  const app = useApp();
  const chosen = useSignal(tags[0] ?? "");
  const [user, password] = [useSignal(""), useSignal("")];
  const lines = useSignal<TransferLines>(new Map());
  const push = async () => {
    const { repository, tag } = splitReference(chosen.value);
    lines.value = new Map();
    await transfer(
      `/images/${pathName(repository)}/push`,
      { query: { tag }, headers: login(user.value, password.value) },
      lines,
    );
    app.tell("ok", `${familiar(chosen.value)} is pushed`);
  };
  return (
    <Dialog title="Push an image" action="Push" onClose={app.closeDialog} onSubmit={push}>
      <div class="field">
        <label class="field-label" for="push-name">
          Name
        </label>
        <select
          id="push-name"
          class="input mono"
          value={chosen.value}
          onChange={(event) => (chosen.value = event.currentTarget.value)}
        >
          {tags.map((tag) => (
            <option key={tag} value={tag}>
              {tag}
            </option>
          ))}
        </select>
        <span class="field-hint">Tag the image with the registry’s address to send it there.</span>
      </div>
      <div class="form-grid">
        <Field label="User" value={user} hint="Empty: the login of “slipway login”." />
        <Field label="Password" value={password} type="password" />
      </div>
      <TransferList lines={lines.value} />
    </Dialog>
  );
}

/** As `X-Registry-Auth` carries it: base64url of JSON. */
function login(username: string, password: string): Record<string, string> {
  if (username === "") return {};
  const binary = String.fromCharCode(...new TextEncoder().encode(JSON.stringify({ username, password })));
  return { "X-Registry-Auth": btoa(binary).replaceAll("+", "-").replaceAll("/", "_") };
}
