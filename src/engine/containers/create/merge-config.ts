import type { ImageRunConfig } from "../../../oci/image-config.ts";
import { SlipwayError } from "../../../errors.ts";
import type { ContainerConfig } from "../../types/container-config.ts";

/**
 * What a container runs with: what was asked for, and the image's where nothing was. A new entrypoint drops the
 * image's command. Throws `invalid_argument`, in Docker's words, when there is no command at all. Pure.
 */
export function mergeConfig(asked: ContainerConfig, image: ImageRunConfig): ContainerConfig {
  const merged: ContainerConfig = {
    ...asked,
    ...command(asked, image),
    User: asked.User || image.User || "",
    WorkingDir: asked.WorkingDir || image.WorkingDir || "",
    Env: mergeEnv(asked.Env ?? [], image.Env ?? []),
    ExposedPorts: { ...image.ExposedPorts, ...asked.ExposedPorts },
    Volumes: { ...image.Volumes, ...asked.Volumes },
    Labels: { ...image.Labels, ...asked.Labels },
    ...stopSignal(asked, image),
    ...healthcheck(asked, image),
    ...(asked.Shell ? {} : image.Shell ? { Shell: [...image.Shell] } : {}),
  };
  if ((merged.Entrypoint ?? []).length + (merged.Cmd ?? []).length === 0) {
    throw new SlipwayError("invalid_argument", "no command specified");
  }
  return merged;
}

function command(asked: ContainerConfig, image: ImageRunConfig): Pick<ContainerConfig, "Entrypoint" | "Cmd"> {
  if (asked.Entrypoint != null && asked.Entrypoint.length > 0) {
    const reset = asked.Entrypoint.length === 1 && asked.Entrypoint[0] === "";
    return { Entrypoint: reset ? null : asked.Entrypoint, Cmd: asked.Cmd ?? null };
  }
  const entrypoint = image.Entrypoint == null ? null : [...image.Entrypoint];
  const given = asked.Cmd != null && asked.Cmd.length > 0;
  return { Entrypoint: entrypoint, Cmd: given ? (asked.Cmd ?? null) : [...(image.Cmd ?? [])] };
}

/** Asked-for variables first, then the image's that were not overridden. `NAME` alone stays: it takes one away. */
function mergeEnv(asked: readonly string[], image: readonly string[]): string[] {
  const nameOf = (pair: string) => pair.split("=", 1)[0];
  const names = new Set(asked.map(nameOf));
  return [...asked, ...image.filter((pair) => !names.has(nameOf(pair)))];
}

function stopSignal(asked: ContainerConfig, image: ImageRunConfig): Pick<ContainerConfig, "StopSignal"> {
  const signal = asked.StopSignal || image.StopSignal;
  return signal ? { StopSignal: signal } : {};
}

/** Parts of the check that were not asked for are the image's; `["NONE"]` turns it off. */
function healthcheck(asked: ContainerConfig, image: ImageRunConfig): Pick<ContainerConfig, "Healthcheck"> {
  if (asked.Healthcheck == null)
    return image.Healthcheck === undefined ? {} : { Healthcheck: image.Healthcheck };
  if (image.Healthcheck === undefined) return { Healthcheck: asked.Healthcheck };
  const set = Object.entries(asked.Healthcheck).filter(([, value]) =>
    Array.isArray(value) ? value.length > 0 : value,
  );
  return { Healthcheck: { ...image.Healthcheck, ...Object.fromEntries(set) } };
}
