import { useApp } from "../../app/app.ts";
import { pathName, send } from "../../data/api.ts";
import { Button, IconButton } from "../../parts/button.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { PushDialog } from "./push-dialog.tsx";
import { RunDialog } from "./run-dialog.tsx";
import { TagDialog } from "./tag-dialog.tsx";

interface ImageActionsProps {
  readonly id: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly compact?: boolean;
  readonly onRemoved?: () => void;
}

/** Run, tag, push and remove. */
export function ImageActions({ id, title, tags, compact = false, onRemoved }: ImageActionsProps) {
  const app = useApp();
  if (app.readOnly) return null;
  const run = () => (app.dialog.value = <RunDialog image={tags[0] ?? id} />);
  const tag = () => (app.dialog.value = <TagDialog id={id} title={title} />);
  const push = () => (app.dialog.value = <PushDialog tags={tags} />);
  const remove = () =>
    (app.dialog.value = <RemoveImage id={id} title={title} tags={tags} onRemoved={onRemoved} />);
  if (compact)
    return (
      <div class="cell-actions">
        <IconButton icon="play" label={`Run ${title}`} onClick={run} />
        <IconButton icon="tag" label={`Tag ${title}`} onClick={tag} />
        <IconButton icon="trash" kind="danger" label={`Remove ${title}`} onClick={remove} />
      </div>
    );
  return (
    <>
      <Button icon="play" kind="primary" onClick={run}>
        Run
      </Button>
      <Button icon="tag" onClick={tag}>
        Tag
      </Button>
      <Button icon="upload" disabled={tags.length === 0} onClick={push}>
        Push
      </Button>
      <IconButton icon="trash" kind="danger" label="Remove" onClick={remove} />
    </>
  );
}

interface RemoveImageProps {
  readonly id: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly onRemoved: (() => void) | undefined;
}

function RemoveImage({ id, title, tags, onRemoved }: RemoveImageProps) {
  const app = useApp();
  const remove = async (force: boolean) => {
    await removeImage(id, tags, force);
    app.tell("ok", `${title} removed`);
    onRemoved?.();
  };
  const force = "Also when containers were made from it";
  return (
    <Confirm title={`Remove ${title}?`} action="Remove" force={force} onClose={app.closeDialog} work={remove}>
      {tags.length > 1 ? `It goes under all its ${tags.length} names. ` : ""}Layers that other images share
      stay.
    </Confirm>
  );
}

/** Name by name, as an image with several names is not removed by its ID without force. */
async function removeImage(id: string, tags: readonly string[], force: boolean): Promise<void> {
  const names = tags.length === 0 ? [id] : tags;
  for (const name of names) await send("DELETE", `/images/${pathName(name)}`, { query: { force } });
}
