import { useSignal } from "@preact/signals";
import { useApp } from "../../app/app.ts";
import { send } from "../../data/api.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { Check, Field } from "../../parts/field.tsx";

/** Makes a network. */
export function CreateNetwork({ onDone }: { readonly onDone: () => void }) {
  const app = useApp();
  const [name, subnet, internal] = [useSignal(""), useSignal(""), useSignal(false)];
  const create = async () => {
    const given = subnet.value.trim();
    const ipam = given === "" ? {} : { IPAM: { Config: [{ Subnet: given }] } };
    await send("POST", "/networks/create", {
      json: { Name: name.value.trim(), Internal: internal.value, ...ipam },
    });
    app.tell("ok", `${name.value.trim()} created`);
    onDone();
  };
  return (
    <Dialog
      title="Create a network"
      action="Create"
      disabled={name.value.trim() === ""}
      onClose={app.closeDialog}
      onSubmit={create}
    >
      <Field label="Name" value={name} placeholder="shop" mono focus />
      <Field label="Subnet" value={subnet} placeholder="a free one" hint="As 10.20.0.0/24." mono />
      <Check label="Internal: nothing on it reaches the outside" value={internal} />
    </Dialog>
  );
}
