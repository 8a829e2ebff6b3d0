import type { PortMap } from "../../../../engine/types/container-config.ts";
import type { ContainerCreate } from "../../../../engine/types/container.ts";

export interface RunForm {
  readonly image: string;
  /** As in a shell: words, quotes, backslashes. */
  readonly command: string;
  /** The next three: one a line. */
  readonly ports: string;
  readonly env: string;
  readonly volumes: string;
  readonly remove: boolean;
  readonly restart: boolean;
}

/** What a form asks the engine for. Throws an Error that names what is wrong. Pure. */
export function runSpec(form: RunForm): ContainerCreate {
  if (form.remove && form.restart)
    throw new Error("A container that starts again cannot be removed when it ends");
  const command = shellWords(form.command);
  const bindings: PortMap = {};
  for (const line of linesOf(form.ports)) {
    const [key, binding] = portBinding(line);
    (bindings[key] ??= []).push(binding);
  }
  return {
    Image: form.image.trim(),
    ...(command.length > 0 && { Cmd: command }),
    Env: linesOf(form.env),
    ExposedPorts: Object.fromEntries(Object.keys(bindings).map((key) => [key, {}])),
    HostConfig: {
      PortBindings: bindings,
      Binds: linesOf(form.volumes),
      AutoRemove: form.remove,
      RestartPolicy: { Name: form.restart ? "unless-stopped" : "no" },
    },
  };
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function portBinding(line: string): [string, { HostIp: string; HostPort: string }] {
  const match = /^(?:(?:(\[.+\]|[\d.]+):)?(\d{0,5}):)?(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(line);
  if (match === null) throw new Error(`"${line}" is no port: write 8080:80, 80, or 127.0.0.1:8080:80/udp`);
  const [, ip = "", host = "", inside = "", type = "tcp"] = match;
  return [`${inside}/${type}`, { HostIp: ip, HostPort: host }];
}

/** Words as a shell would split them, without expansions. */
export function shellWords(text: string): string[] {
  const words: string[] = [];
  const word = /\s*((?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+)/gs;
  for (const [, raw = ""] of text.matchAll(word)) words.push(unquoted(raw));
  return words;
}

function unquoted(raw: string): string {
  return raw.replaceAll(
    /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gs,
    (_all, single, double, escaped) => single ?? double?.replaceAll(/\\(["\\$`])/g, "$1") ?? escaped,
  );
}
