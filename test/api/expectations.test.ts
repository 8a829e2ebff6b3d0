import { afterAll, beforeAll, expect, test } from "bun:test";
import { EngineProcess, makeBusybox, start } from "../engine/lab.ts";
import { ask } from "./ask.ts";
import { expectations, type Expectation } from "./expectations.ts";

let lab: EngineProcess;

beforeAll(async () => {
  lab = await EngineProcess.start();
  const { engine } = lab;
  await makeBusybox(engine, lab.root);
  await engine.images.tag("busybox", "busybox:two");
  await engine.networks.create({ Name: "net" });
  await engine.volumes.create({ Name: "vol" });
  await start(engine, ["sleep", "1000"], { name: "up", HostConfig: { NetworkMode: "net" } });
  await start(engine, ["sleep", "1000"], { name: "held" });
  await engine.containers.pause("held");
  await engine.containers.create({
    name: "made",
    Image: "busybox",
    Cmd: ["true"],
    HostConfig: { Binds: ["vol:/v"] },
  });
  await start(engine, ["sh", "-c", "exit 3"], { name: "over" });
  await engine.containers.wait("over");
});

afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

async function wrong({
  ask: what,
  body,
  type,
  status,
  words = "",
}: Expectation): Promise<string | undefined> {
  const [method = "", path = ""] = what.split(" ");
  const headers = type === undefined ? {} : { "Content-Type": type };
  const answer = await ask(lab.socket, method, path, { body, headers });
  const said =
    method === "HEAD"
      ? words
      : answer.status < 400 || answer.body === ""
        ? answer.body
        : message(answer.body);
  if (answer.status === status && said.includes(words)) return undefined;
  const sent = body === undefined ? "" : ` ${JSON.stringify(body)}`;
  return `${what}${sent}\n  wants ${status} ${words}\n  gets  ${answer.status} ${answer.body.trim()}`;
}

/** An error is a document with nothing but its message, and says so. */
function message(body: string): string {
  const { message: text, ...others } = JSON.parse(body) as { message: string };
  expect(others).toEqual({});
  return text;
}

test("every error has Docker's status and words", async () => {
  const problems: string[] = [];
  for (const expectation of expectations) {
    const problem = await wrong(expectation);
    if (problem !== undefined) problems.push(problem);
  }
  expect(problems.join("\n")).toBe("");
});
