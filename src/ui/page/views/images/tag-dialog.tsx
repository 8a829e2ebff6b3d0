import { useSignal } from "@preact/signals";
import { useApp } from "../../app/app.ts";
import { pathName, send } from "../../data/api.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { Field } from "../../parts/field.tsx";
import { splitReference } from "./references.ts";

interface TagDialogProps {
  readonly id: string;
  readonly title: string;
}

/** Gives an image another name. */
export function TagDialog({ id, title }: TagDialogProps) {
  const app = useApp();
  const name = useSignal("");
  const tag = async () => {
    const { repository, tag } = splitReference(name.value.trim());
    await send("POST", `/images/${pathName(id)}/tag`, { query: { repo: repository, tag } });
    app.tell("ok", `${title} is also ${name.value.trim()}`);
  };
  return (
    <Dialog
      title={`Tag ${title}`}
      action="Tag"
      disabled={name.value.trim() === ""}
      onClose={app.closeDialog}
      onSubmit={tag}
    >
      <p>A tag is a name for an image. For a push it begins with the registry’s address.</p>
      <Field label="New name" value={name} placeholder="localhost:5000/my-app:1.0" mono focus />
    </Dialog>
  );
}
