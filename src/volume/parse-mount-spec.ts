import { isAbsolute, posix } from "node:path";
import { SlipwayError } from "../errors.ts";
import { mountRequest, type MountRequest, type MountSpec } from "./mount-request.ts";
import { cleanTarget } from "./parse-bind.ts";

/** Checks an API `Mount` and puts it in the common shape. Pure. Throws `invalid_argument` in Docker's words. */
export function parseMountSpec(spec: MountSpec): MountRequest {
  if (!["bind", "volume", "tmpfs", "image"].includes(spec.Type)) throw bad(spec, "mount type unknown");
  if (!spec.Target) throw bad(spec, "field Target must not be empty");
  checkExtraFields(spec);
  checkSource(spec);
  const { BindOptions: bind, VolumeOptions: volume, TmpfsOptions: tmpfs } = spec;
  const driver = volume?.DriverConfig;
  return mountRequest({
    type: spec.Type,
    source:
      spec.Type === "bind"
        ? posix.normalize(spec.Source ?? "").replace(/(?<=.)\/$/, "")
        : (spec.Source ?? ""),
    target: cleanTarget(spec.Target, spec.Type),
    readOnly: spec.ReadOnly === true || spec.Type === "image",
    createSource: bind?.CreateMountpoint === true,
    nonRecursive: bind?.NonRecursive === true,
    writableBelow: bind?.ReadOnlyNonRecursive === true,
    readOnlyBelow: bind?.ReadOnlyForceRecursive === true,
    noCopy: volume?.NoCopy === true,
    subpath: volume?.Subpath ?? spec.ImageOptions?.Subpath ?? "",
    volume: { driver: driver?.Name ?? "", options: driver?.Options ?? {}, labels: volume?.Labels ?? {} },
    tmpfs: { size: tmpfs?.SizeBytes || undefined, mode: tmpfs?.Mode || undefined },
    ...(spec.Type === "bind" ? { propagation: bind?.Propagation ?? "" } : {}),
  });
}

function checkExtraFields(spec: MountSpec): void {
  const fields = [
    ["BindOptions", "bind"],
    ["VolumeOptions", "volume"],
    ["TmpfsOptions", "tmpfs"],
    ["ImageOptions", "image"],
  ] as const;
  for (const [field, type] of fields) {
    if (spec[field] && spec.Type !== type) throw bad(spec, `field ${field} must not be specified`);
  }
}

function checkSource(spec: MountSpec): void {
  const source = spec.Source ?? "";
  if (spec.Type === "tmpfs" && source !== "") throw bad(spec, "field Source must not be specified");
  if ((spec.Type === "bind" || spec.Type === "image") && source === "") {
    throw bad(spec, "field Source must not be empty");
  }
  if (spec.Type === "bind" && !isAbsolute(source)) {
    throw bad(spec, `invalid mount path: '${source}' mount path must be absolute`);
  }
  if (spec.BindOptions?.ReadOnlyNonRecursive && spec.BindOptions.ReadOnlyForceRecursive)
    throw bad(spec, "mount options conflict: ReadOnlyNonRecursive and ReadOnlyForceRecursive");
  const propagation = spec.BindOptions?.Propagation ?? "";
  if (!/^(|r?(shared|slave|private))$/.test(propagation)) {
    throw bad(spec, `invalid propagation mode: ${propagation}`);
  }
  const subpath = spec.VolumeOptions?.Subpath ?? spec.ImageOptions?.Subpath ?? "";
  if (isAbsolute(subpath) || posix.normalize(subpath).split("/")[0] === "..") {
    throw bad(spec, `subpath must be a relative path within the ${spec.Type}`);
  }
  const { ReadOnlyForceRecursive: force, ReadOnlyNonRecursive: never } = spec.BindOptions ?? {};
  if (force && (spec.ReadOnly !== true || never)) {
    const other = never ? "BindOptions.ReadOnlyNonRecursive" : "!ReadOnly";
    throw bad(spec, `mount options conflict: ${other} && BindOptions.ReadOnlyForceRecursive`);
  }
  if (spec.Type === "volume" && source === "" && spec.VolumeOptions?.Subpath) {
    throw bad(spec, "must not set Subpath when using anonymous volumes");
  }
}

function bad(spec: MountSpec, why: string): SlipwayError {
  return new SlipwayError("invalid_argument", `invalid mount config for type "${spec.Type}": ${why}`);
}
