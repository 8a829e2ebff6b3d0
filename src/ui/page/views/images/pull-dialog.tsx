import { useSignal } from "@preact/signals";
import { useApp } from "../../app/app.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { Field } from "../../parts/field.tsx";
import { splitReference } from "./references.ts";
import { transfer, TransferList, type TransferLines } from "./transfer.tsx";

interface PullDialogProps {
  readonly name?: string;
}

/** Brings an image from its registry. */
export function PullDialog({ name = "" }: PullDialogProps) {
  const app = useApp();
  const reference = useSignal(name);
  const lines = useSignal<TransferLines>(new Map());
  const pull = async () => {
    const { repository, tag } = splitReference(reference.value.trim());
    lines.value = new Map();
    await transfer("/images/create", { query: { fromImage: repository, tag: tag || "latest" } }, lines);
    app.tell("ok", `${reference.value.trim()} is here`);
  };
  return (
    <Dialog
      title="Pull an image"
      action="Pull"
      disabled={reference.value.trim() === ""}
      onClose={app.closeDialog}
      onSubmit={pull}
    >
      <Field
        label="Name"
        value={reference}
        placeholder="nginx:alpine"
        hint="Without an address: from Docker Hub."
        mono
        focus
      />
      <TransferList lines={lines.value} />
    </Dialog>
  );
}
