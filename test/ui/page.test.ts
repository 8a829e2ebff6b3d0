/** The page in a real browser, on a real engine: each view, each action. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { LocalRegistry } from "../registry/local-registry.ts";
import { missing, UiLab } from "./browser.ts";

if (missing !== undefined) console.log(missing);

describe.skipIf(missing !== undefined)("slipway ui", () => {
  let at: UiLab;
  let page: Page;
  let out: (...args: string[]) => Promise<string>;
  const row = (name: string) => page.getByRole("row").filter({ hasText: name });
  const told = (text: string | RegExp) => page.locator(".toast").filter({ hasText: text }).first().waitFor();
  const heading = (name: string) => page.getByRole("heading", { level: 1, name }).waitFor();

  beforeAll(async () => {
    at = await UiLab.open();
    page = at.page;
    out = (...args) => at.lab.out(...args);
  }, 180_000);
  afterAll(async () => await at?.[Symbol.asyncDispose](), 120_000);

  test("an empty engine says what to do, and the first container shows up by itself", async () => {
    await page.getByText("No containers yet").waitFor();
    await out("run", "-d", "--name", "first", "busybox", "sleep", "1000");
    await row("first").getByText("Running").waitFor();
  });

  test("a container is run, stopped, started, restarted and removed", async () => {
    await page.getByRole("button", { name: "Run", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Image").fill("busybox");
    await dialog.getByLabel("Name").fill("web");
    await dialog
      .getByLabel("Command")
      .fill("sh -c \"trap 'exit 0' TERM; httpd -p 80; while :; do sleep 0.1; done\"");
    await dialog.getByLabel("Ports").fill("127.0.0.1::80");
    await dialog.getByLabel("Environment").fill("COLOUR=blue");
    await dialog.getByRole("button", { name: "Run" }).click();
    await heading("web");
    await page.getByText("COLOUR").waitFor();
    const port = (await out("port", "web", "80")).split(":").at(-1);
    const link = page.getByRole("link", { name: `${port} → 80` });
    expect(await link.getAttribute("href")).toBe(`http://127.0.0.1:${port}/`);
    await page.getByRole("link", { name: "Containers", exact: true }).first().click();
    await page.getByRole("button", { name: "Stop web" }).click();
    await row("web").getByText("Stopped").waitFor();
    await page.getByRole("button", { name: "Start web", exact: true }).click();
    await row("web").getByText("Running").waitFor();
    await page.getByRole("button", { name: "Restart web" }).click();
    await told("web restarted");
    await page.getByRole("button", { name: "Remove web" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await told("web removed");
    await row("web").waitFor({ state: "detached" });
    expect(await out("ps", "-a", "--format", "{{.Names}}")).toBe("first");
  }, 120_000);

  test("what the engine refuses is said in the dialog", async () => {
    await page.getByRole("button", { name: "Run", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Image").fill("busybox");
    await dialog.getByLabel("Name").fill("first");
    await dialog.getByRole("button", { name: "Run" }).click();
    await dialog.getByRole("alert").filter({ hasText: "already in use" }).waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  }, 60_000);

  test("a terminal runs a command and has the size of its place", async () => {
    await row("first").getByRole("link", { name: "first" }).click();
    await page.getByRole("tab", { name: "Terminal" }).click();
    await page.getByRole("button", { name: "Open a terminal" }).click();
    const terminal = page.locator(".terminal-frame");
    await terminal.getByText("/ #").first().waitFor();
    await page.keyboard.type("echo answer=$((6*7)) size=$(stty size | tr ' ' x)\n");
    await terminal
      .getByText(/answer=42 size=\d\dx\d{2,3}/)
      .first()
      .waitFor();
    await page.setViewportSize({ width: 900, height: 700 });
    await page.keyboard.type(
      "clear; until [ $(stty size | cut -d' ' -f2) -lt 100 ]; do sleep 0.1; done; echo narrow\n",
    );
    await terminal.getByText("narrow", { exact: true }).first().waitFor();
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.keyboard.type("exit 3\n");
    await page.getByText("It ended with exit code 3.").waitFor();
  }, 120_000);

  test("logs follow, are searched and downloaded; 100,000 lines draw only those in sight", async () => {
    const lines =
      "seq 1 100000 | sed 's/^/line number /'; echo \"$(printf '\\033[31mred\\033[0m')\"; sleep 1000";
    await out("run", "-d", "--name", "talk", "busybox", "sh", "-c", lines);
    await at.go("/containers");
    await row("talk").getByRole("link", { name: "talk" }).click();
    await page.getByRole("tab", { name: "Logs" }).click();
    const log = page.getByRole("log");
    await log.getByText("red", { exact: true }).waitFor();
    expect(await log.locator(".log-line").count()).toBeLessThan(120);
    await page.getByText(/^100,00\d lines$/).waitFor();
    await page.getByLabel("Search the logs").fill("number 4242 ".trim());
    await page.getByText(/of 11/).waitFor();
    await page.getByRole("button", { name: "Next" }).click();
    await log.locator(".log-line.current").filter({ hasText: "line number 4242" }).waitFor();
    await page.getByLabel("Search the logs").fill("");
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download the whole log" }).click();
    const text = readFileSync(await (await download).path(), "utf8");
    expect(text.split("\n").length).toBe(100_002);
    await page.getByRole("button", { name: "To the end ↓" }).click();
    await log.getByText("red", { exact: true }).waitFor();
    await out("exec", "talk", "sh", "-c", "echo later > /proc/1/fd/1");
    await log.getByText("later", { exact: true }).waitFor();
  }, 180_000);

  test("usage is charted, files are browsed, downloaded and uploaded", async () => {
    await page.getByRole("tab", { name: "Usage" }).click();
    await page.locator(".chart-plot canvas").first().waitFor();
    await out("exec", "talk", "sh", "-c", "echo inside > /etc/mine");
    await page.getByRole("tab", { name: "Files" }).click();
    await page.getByRole("button", { name: "etc", exact: true }).click();
    await row("mine").waitFor();
    const taken = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download mine" }).click();
    expect(readFileSync(await (await taken).path(), "utf8")).toBe("inside\n");
    const directory = mkdtempSync(join(tmpdir(), "slipway-ui-"));
    const file = join(directory, "úploaded.txt");
    writeFileSync(file, "from the browser\n");
    await page.locator('input[type="file"]').setInputFiles(file);
    await row("úploaded.txt").waitFor();
    expect(await out("exec", "talk", "cat", "/etc/úploaded.txt")).toBe("from the browser");
    rmSync(directory, { recursive: true });
    await page.getByRole("tab", { name: "Inspect" }).click();
    await page.getByText('"RestartCount"').waitFor();
  }, 120_000);

  test("a build is watched live, its miss explained by name, and a shell opens in a failed step", async () => {
    const context = at.lab.files({
      Dockerfile:
        "FROM busybox\nCOPY src /src\nRUN echo working; sleep 2; cat /src/a\nRUN test ! -e /src/bad || exit 7\n",
      "src/a": "one",
    });
    await out("build", "-t", "app:1", context);
    writeFileSync(join(context, "src/a"), "two");
    await at.go("/builds");
    await row("app:1").getByText("Done").waitFor();
    const building = out("build", "-t", "app:1", context);
    await row("app:1").filter({ hasText: "Running" }).getByRole("link").click();
    await page.getByText("Running", { exact: true }).waitFor();
    await page.getByRole("log").getByText("working").waitFor();
    await page.getByText("Done", { exact: true }).waitFor();
    await building;
    await page.getByRole("button", { name: /COPY src/ }).click();
    await page.getByText("src/a changed (content)").waitFor();
    writeFileSync(join(context, "src/bad"), "");
    await at.lab.run(["build", "-t", "app:1", context]);
    await at.go("/builds");
    await row("app:1").filter({ hasText: "Failed" }).getByRole("link").click();
    await page.getByText("Its process ended with exit code 7.").waitFor();
    await page.getByRole("button", { name: "Shell", exact: true }).click();
    await page.locator(".terminal-frame").getByText("/ #").first().waitFor();
    await page.keyboard.type("ls /src; exit\n");
    await page.getByText("It ended.").waitFor();
    expect(await page.locator(".xterm-rows").textContent()).toContain("bad");
  }, 180_000);

  test("an image is looked into layer by layer, tagged, compared, pushed and removed", async () => {
    await using registry = await LocalRegistry.open();
    await at.go("/images");
    await row("app:1").getByRole("link", { name: "app:1" }).click();
    await page.getByRole("button", { name: /COPY src \/src/ }).click();
    await page.getByRole("heading", { name: "What layer 3 changed" }).waitFor();
    await page.getByRole("row").filter({ hasText: "added" }).first().waitFor();
    await page.getByRole("button", { name: "Map", exact: true }).click();
    await page.getByRole("group", { name: /^Sizes in/ }).waitFor();
    await page.getByRole("button", { name: "Tree", exact: true }).click();
    await page.getByRole("button", { name: "All files" }).click();
    await page.getByLabel("Search files").fill("busybox");
    await page.getByRole("row").filter({ hasText: "busybox" }).first().waitFor();
    await page.getByRole("tab", { name: "Wasted bytes" }).click();
    await page.getByRole("tab", { name: "Compare" }).click();
    await page.getByLabel("From").selectOption({ index: 1 });
    await page.getByText("files differ").or(page.getByText("file differ")).first().waitFor();
    await page.getByRole("button", { name: "Tag", exact: true }).click();
    const name = `${registry.host}/shop/app:2`;
    await page.getByRole("dialog").getByLabel("New name").fill(name);
    await page.getByRole("dialog").getByRole("button", { name: "Tag" }).click();
    await told("is also");
    await page.locator(".view-head").filter({ hasText: name }).waitFor();
    await page.getByRole("button", { name: "Push" }).click();
    await page.getByRole("dialog").getByRole("combobox").selectOption(name);
    await page.getByRole("dialog").getByRole("button", { name: "Push" }).click();
    await told("is pushed");
    await at.go(`/registry/${encodeURIComponent(registry.host)}/shop/app`);
    await page.getByText(`${name}`).first().waitFor();
    await page.getByText("application/vnd.oci.image.manifest.v1+json").first().waitFor();
    await page.getByText("Nothing refers to it").waitFor();
    await at.go("/images");
    await page
      .getByRole("button", { name: "Remove app:1" })
      .or(page.getByRole("button", { name: `Remove ${name}` }))
      .click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await told("removed");
    expect(await out("images", "--format", "{{.Repository}}")).not.toContain("app");
  }, 180_000);

  test("networks and volumes are made and removed; the disk and the events are shown", async () => {
    await at.go("/networks");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("lan");
    await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
    await row("lan").getByRole("link", { name: "lan" }).click();
    await page.getByRole("button", { name: "Connect a container" }).click();
    await page.getByRole("dialog").getByRole("combobox").selectOption({ label: "talk" });
    await page.getByRole("dialog").getByRole("button", { name: "Connect" }).click();
    await page.getByRole("button", { name: "Disconnect" }).click();
    await told("talk disconnected");
    await at.go("/networks");
    await page.getByRole("button", { name: "Remove lan" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await row("lan").waitFor({ state: "detached" });
    await at.go("/volumes");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("kept");
    await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
    await row("kept").getByText("nothing").waitFor();
    await page.getByRole("button", { name: "Remove kept" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove for good" }).click();
    await page.getByText("No volumes yet").waitFor();
    await at.go("/disk");
    await page.getByRole("button", { name: /Layers of images/ }).click();
    await page.getByRole("grid", { name: "Owners of Layers of images" }).waitFor();
    await page.getByRole("button", { name: "Free space" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await told("freed");
    await at.go("/events");
    await row("destroy").filter({ hasText: "kept" }).first().waitFor();
    await out("run", "--rm", "--name", "shortlived", "busybox", "true");
    await row("shortlived").filter({ hasText: "die" }).first().waitFor();
  }, 180_000);

  test("everything is reached by the keyboard", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await heading("Containers");
    await page.keyboard.press("/");
    await page.keyboard.type("first");
    await row("talk").waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await row("talk").waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await heading("first");
    await page.getByRole("tab", { name: "Overview" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("log").waitFor();
    await page.getByRole("tab", { name: "Logs" }).press("Escape");
    await page.locator("main").focus();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }, 60_000);

  test("the engine is killed under the open page, which says so, and goes on with the next one", async () => {
    await at.go("/containers");
    await row("first").waitFor();
    const pid = readFileSync(join(at.lab.root, "lock"), "utf8").match(/\d+/)?.[0];
    process.kill(Number(pid), "SIGKILL");
    await page.getByText("The engine does not answer.").waitFor();
    await row("first").getByText("Running").waitFor();
    await out("run", "-d", "--name", "after", "busybox", "sleep", "1000");
    await row("after").getByText("Running").waitFor();
    await page.getByText("The engine does not answer.").waitFor({ state: "detached" });
  }, 120_000);

  test("the browser complained of nothing", () => {
    expect(at.complaints).toEqual([]);
  });
});
