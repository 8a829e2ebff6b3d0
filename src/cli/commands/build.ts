import type { PushedManifest } from "../build/write-outputs.ts";
import { rmSync, writeFileSync } from "node:fs";
import type { Engine } from "../../engine/engine.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { errorMessage, isCode } from "../../errors.ts";
import { passingNames, type BuildEvent, type BuildRequest, type BuiltImage } from "../../build/builder.ts";
import type { BuildRecorder } from "../../build/record/build-recorder.ts";
import { layerCompression } from "../build/compression.ts";
import { parseOutputs } from "../build/build-outputs.ts";
import { parseCall, type CallRequest } from "../build/build-call.ts";
import { buildOptions, imageTag, refuseLocalFiles, refuseUnsupported } from "../build/build-request.ts";
import { isOnThisMachine, openBuildSource } from "../build/build-source.ts";
import type { DockerfileText } from "../build/failure-report.ts";
import type { SshAgents } from "../build/ssh-agents.ts";
import { arity, command, ExitError, type CliContext } from "../command.ts";
import { buildFlags, neutralBuildFlags, refusedBuildFlags } from "../flags/build-flags.ts";
import { openBuildDisplay } from "../progress/build-display.ts";
import { progressModes, type BuildDisplay, type ProgressMode } from "../progress/display.ts";
import { NotReached } from "../remote-error.ts";
import { registryAuths } from "../registry/auth.ts";

export default command({
  usage: "build [OPTIONS] PATH | URL | -",
  summary: "Build an image from a Dockerfile",
  aliases: ["image build", "build"],
  flags: { ...refusedBuildFlags, ...neutralBuildFlags, ...buildFlags },
  args: arity.exactly(1),
  async run({ flags, args: [where = ""], given }, context) {
    refuseUnsupported(given);
    const mode = progressMode(flags.progress, flags.quiet);
    const call = parseCall(flags.call, flags.check ? "check" : flags["dry-run"] ? "dry-run" : undefined);
    const asked = parseOutputs(flags.output, {
      push: flags.push,
      load: flags.load,
      tags: flags.tag.map(imageTag),
    });
    const annotation = [...asked.annotations, ...flags.annotation];
    const options = buildOptions({ ...flags, annotation, tag: [...flags.tag, ...asked.names] }, context.env);
    const { outputs } = asked;
    const names = options.tags ?? [];
    const compression = layerCompression(flags.compression, "--compression") ?? asked.compression;
    if (!isOnThisMachine(context.global.host)) refuseLocalFiles(options, flags.ssh, context.global.host);
    const { shown, ...files } = await openBuildSource(where, flags.file, context);
    await using _layouts = await layouts(flags["build-context"], context);
    if (call !== undefined) {
      const pushTo = outputs.flatMap((output) => (output.type === "push" ? [output.name] : []));
      return await answer({ ...options, ...files, pushTo }, call, context);
    }
    if (flags.iidfile !== "") rmSync(flags.iidfile, { force: true });
    const recorder = flags.explain ? await openRecorder() : undefined;
    // What is asked for elsewhere only has this name for the while, and is gone then.
    const passing = asked.isKept ? undefined : `${passingNames}build-${crypto.randomUUID()}:latest`;
    const shownNames = asked.isKept ? names : [];
    const display = await openBuildDisplay({
      mode,
      stream: context.stderr,
      names: shownNames,
      now: Date.now,
    });
    await using agents = await sshAgents(flags.ssh, context.env);
    const tty = context.stdin.isTTY === true && context.stdout.isTTY === true;
    const debugShell = flags["debug-shell"] ? { tty } : undefined;
    const request = {
      ...options,
      ...files,
      ...(agents !== undefined && { ssh: agents.sockets }),
      debugShell,
      ...(passing !== undefined && { tags: [passing], keepsEach: true }),
      ...(compression !== undefined && { compression }),
    };
    const isForPeople = mode !== "quiet" && mode !== "rawjson";
    const made = await build(request, { display, dockerfile: shown, isForPeople, recorder }, context);
    await using _held = made;
    const { id, images } = made;
    let image = made;
    const name = passing ?? names[0] ?? id;
    try {
      if (outputs.length > 0) {
        const { writeOutputs } = await import("../build/write-outputs.ts");
        const pushed = await writeOutputs(outputs, { name, tags: names, images, compression }, context);
        image = asPushed(made, pushed);
      }
    } finally {
      if (passing !== undefined) await removePassing(passing, images, context);
    }
    if (flags.iidfile !== "") writeFileSync(flags.iidfile, id);
    if (flags["metadata-file"] !== "") writeFileSync(flags["metadata-file"], buildMetadata(image, names));
    if (recorder !== undefined) {
      const { buildSteps } = await import("../build/build-report.ts");
      context.stderr.write(buildSteps(recorder.finish(request, { project: where, now: Date.now() })));
    }
    if (flags.quiet) context.stdout.write(`${id}\n`);
    return 0;
  },
});

/** Prints what the engine answers about the Dockerfile. Resolves to the exit code. */
async function answer(request: BuildRequest, call: CallRequest, context: CliContext): Promise<number> {
  const { callReport } = await import("../build/call-report.ts");
  const [engine, auths] = await Promise.all([context.engine(), registryAuths(context)]);
  const asked = { ...request, call: call.method };
  const events = engine.builds.build(asked, { signal: context.signal, auths });
  for await (const event of events) {
    if (event.type !== "answer") continue;
    const { text, exitCode, error } = callReport(event, call);
    context.stdout.write(text);
    if (error !== undefined) throw error;
    return exitCode;
  }
  throw new ExitError(1, "ERROR: failed to build: the engine gave no answer");
}

// What few builds need is loaded by them alone: a build with all steps cached takes 20 ms.

async function openRecorder(): Promise<BuildRecorder> {
  const { BuildRecorder } = await import("../../build/record/build-recorder.ts");
  return new BuildRecorder("", Date.now());
}

async function sshAgents(words: readonly string[], env: CliContext["env"]): Promise<SshAgents | undefined> {
  if (words.length === 0) return undefined;
  const { openAgents } = await import("../build/ssh-agents.ts");
  return await openAgents(words, env);
}

/** Layouts among the contexts are in the engine's store while the build runs; few builds have one. */
async function layouts(words: readonly string[], context: CliContext): Promise<AsyncDisposable | undefined> {
  if (!words.some((word) => word.includes("=oci-layout://"))) return undefined;
  const { loadLayouts } = await import("../build/load-layouts.ts");
  return await loadLayouts(words, context);
}

/** Takes away what was built only to be brought elsewhere. */
async function removePassing(
  name: string,
  images: readonly BuiltImage[],
  context: CliContext,
): Promise<void> {
  const engine = await context.engine();
  const gone = [name, ...images.filter(({ isNew }) => isNew).map(({ id }) => id)];
  for (const each of gone) {
    await engine.images.remove(each).catch((error: unknown) => {
      if (!isCode(error, "not_found")) throw error;
    });
  }
}

/** What was built. Dispose tells the engine that it need not be kept for the outputs any more. */
interface Image extends AsyncDisposable {
  readonly id: string;
  readonly images: readonly BuiltImage[];
  readonly descriptor: Descriptor | undefined;
}

/** The descriptor is that of the registry when the image was pushed: what others will know it by. */
function asPushed(image: Image, pushed: PushedManifest | undefined): Image {
  const { descriptor } = image;
  if (descriptor === undefined || pushed === undefined) return image;
  return { ...image, descriptor: { ...descriptor, ...pushed } };
}

/** As Docker's buildx writes it. */
function buildMetadata({ id, descriptor }: Image, names: readonly string[]): string {
  const document = {
    "containerimage.config.digest": id,
    ...(descriptor !== undefined && {
      "containerimage.descriptor": descriptor,
      "containerimage.digest": descriptor.digest,
    }),
    ...(names.length > 0 && { "image.name": names.join(",") }),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

interface Show {
  readonly display: BuildDisplay;
  readonly dockerfile: DockerfileText | undefined;
  readonly recorder: BuildRecorder | undefined;
  /** Neither quiet nor JSON. */
  readonly isForPeople: boolean;
}

/** Builds and shows it. Resolves to what it made. Throws {@link ExitError} that explains the failure. */
async function build(request: BuildRequest, show: Show, context: CliContext): Promise<Image> {
  const { display, recorder } = show;
  let descriptor: Descriptor | undefined;
  let images: readonly BuiltImage[] = [];
  let told: AsyncIterator<BuildEvent> | undefined;
  try {
    const [engine, auths] = await Promise.all([context.engine(), registryAuths(context)]);
    const events = engine.builds.build(request, { signal: context.signal, auths });
    told = events[Symbol.asyncIterator]();
    for (let next = await told.next(); next.done !== true; next = await told.next()) {
      const event = next.value;
      recorder?.see(event);
      if (event.type === "debug") await debug(engine, event, request, show, context);
      display.show(event);
      if (event.type !== "image") continue;
      ({ descriptor, images = [] } = event);
      // Whoever listens on keeps an image that has a passing name.
      if (isPassing(request)) break;
    }
    display.end();
  } catch (error) {
    display.end();
    if (error instanceof NotReached) throw error;
    throw await explained(error, show, context);
  }
  const { imageID, warnings } = display.state;
  if (imageID === undefined) throw new ExitError(1, "ERROR: failed to build: the engine named no image");
  if (show.isForPeople && warnings.length > 0) await sayWarnings(display, context);
  const dispose = async (): Promise<void> => void (await told?.return?.());
  return { id: imageID, descriptor, images, [Symbol.asyncDispose]: dispose };
}

function isPassing({ tags = [] }: BuildRequest): boolean {
  return tags.some((tag) => tag.startsWith(passingNames));
}

/** Says what failed, and stays in the shell until it ends. */
async function debug(
  engine: Engine,
  event: Extract<BuildEvent, { type: "debug" }>,
  { debugShell }: BuildRequest,
  show: Show,
  context: CliContext,
): Promise<void> {
  const { display } = show;
  display.end();
  const { debugIntroduction } = await import("../build/debug-introduction.ts");
  context.stderr.write(debugIntroduction(event, display.state));
  const { runAttached } = await import("../container/run-attached.ts");
  const spec = { Tty: debugShell?.tty === true, AttachStdin: true, AttachStdout: true, AttachStderr: true };
  await runAttached(engine, event.container, spec, context, {
    rm: true,
    "detach-keys": "",
    "sig-proxy": true,
  });
}

async function explained(error: unknown, show: Show, context: CliContext): Promise<ExitError> {
  if (context.signal.aborted || isCode(error, "cancelled"))
    return new ExitError(130, "ERROR: failed to build: failed to solve: Canceled: context canceled");
  const { failureReport } = await import("../build/failure-report.ts");
  const report = failureReport(errorMessage(error), show.display.state, show.dockerfile);
  return new ExitError(1, report.trimEnd(), { cause: error });
}

async function sayWarnings({ state: { warnings } }: BuildDisplay, context: CliContext): Promise<void> {
  const { sanitizeLine } = await import("../progress/sanitize.ts");
  const count = warnings.length === 1 ? "1 warning" : `${warnings.length} warnings`;
  const lines = warnings.map(({ text, line }) => {
    return ` - ${sanitizeLine(text)}${line === undefined ? "" : ` (line ${line})`}\n`;
  });
  context.stderr.write(`\n ${count} found:\n${lines.join("")}`);
}

function progressMode(text: string, quiet: boolean): ProgressMode {
  const mode = progressModes.find((known) => known === text);
  if (mode === undefined)
    throw new ExitError(
      1,
      `ERROR: failed to build: invalid progress type "${text}": use "auto", "plain", "tty" or "rawjson"`,
    );
  return quiet ? "quiet" : mode;
}
