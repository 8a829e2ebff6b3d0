/** A container that is all markup and escapes, a page without serious faults for those who cannot see it, and many of both. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { connectTo } from "../../src/client/connect.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { missing, UiLab } from "./browser.ts";

if (missing !== undefined) console.log(missing);

/** The soak has more. */
const many = Number(process.env["SOAK_AMOUNT"] ?? 200);

describe.skipIf(missing !== undefined)("slipway ui", () => {
  let at: UiLab;
  let page: Page;
  let engine: Engine;
  const markup = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

  beforeAll(async () => {
    at = await UiLab.open();
    page = at.page;
    engine = connectTo({ socketPath: at.lab.env["SLIPWAY_SOCKET"] ?? "" });
  }, 180_000);
  afterAll(async () => await at?.[Symbol.asyncDispose](), 200_000);

  test("a hostile container changes nothing on the page, in no view", async () => {
    const escapes = "\\033]0;owned\\007\\033[2J\\033[31m";
    const files = `mkdir '/<b>dir' && echo x > '/<b>dir/${markup.replaceAll("/", "|")}' && ln -s '${markup}' '/<b>dir/link'`;
    const script = `${files}; printf '${escapes}${markup}\\n'; printf '${markup}\\n' >&2; sleep 1000`;
    const { Id } = await engine.containers.create({
      Image: "busybox",
      name: "hostile",
      Cmd: ["sh", "-c", script],
      Env: [`X=${markup}`, `<b>=1`],
      Labels: { [markup]: markup },
      Healthcheck: { Test: ["CMD-SHELL", `printf '${escapes}${markup}'`], Interval: 1e9 },
    });
    await engine.containers.start(Id);
    await engine.volumes.create({ Name: "plain", Labels: { [markup]: markup } });
    await at.go("/containers");
    await page.getByRole("row").filter({ hasText: "hostile" }).waitFor();
    await at.go(`/containers/${Id}`);
    await page.getByText(markup).first().waitFor();
    await page.getByText("healthy").first().waitFor();
    await at.go(`/containers/${Id}/logs`);
    await page.getByRole("log").getByText(markup).first().waitFor();
    await at.go(`/containers/${Id}/files`);
    await page.getByRole("button", { name: "<b>dir" }).click();
    await page.getByText("onerror").first().waitFor();
    await at.go(`/containers/${Id}/inspect`);
    await page.getByText("onerror").first().waitFor();
    for (const path of ["/volumes", "/events", "/images", "/disk"]) {
      await at.go(path);
      await page.getByRole("heading", { level: 1 }).waitFor();
    }
    const state = await page.evaluate(
      "[window.hacked, document.querySelectorAll('img, script:not([src]), b').length, document.title]",
    );
    expect(state).toEqual([undefined, 0, "Disk · Slipway"]);
    expect(at.complaints).toEqual([]);
  }, 120_000);

  test("axe finds nothing serious, in no view, neither in light nor in dark", async () => {
    const context = at.lab.files({ Dockerfile: "FROM busybox\nRUN echo hi\nRUN false\n" });
    await at.lab.run(["build", "-t", "app", context]);
    const [{ id: build = "" } = {}] = await engine.builds.list();
    const [{ Id: image = "" } = {}] = await engine.images.list();
    const [{ Id: network = "" } = {}] = await engine.networks.list();
    const views = [
      ...["containers", "images", "builds", "networks", "volumes", "disk", "events", "registry"].map(
        (name) => `/${name}`,
      ),
      ...["", "/logs", "/terminal", "/stats", "/files", "/inspect"].map((tab) => `/containers/hostile${tab}`),
      ...["", "/waste", "/compare", "/inspect"].map((tab) => `/images/${image}${tab}`),
      `/builds/${build}`,
      `/networks/${network}`,
      "/nowhere",
    ];
    const axe = readFileSync(new URL(import.meta.resolve("axe-core")), "utf8");
    const found: string[] = [];
    const look = async (theme: "light" | "dark", view: string, rules: string) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      const { violations } = (await page.evaluate(
        `axe.run({ resultTypes: ["violations"]${rules} })`,
      )) as AxeResult;
      for (const { id, impact, nodes } of violations)
        if (impact === "serious" || impact === "critical")
          found.push(`${theme} ${view}: ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
    };
    for (const view of views) {
      await at.go(view);
      await page.getByRole("heading").first().waitFor();
      await page.evaluate(axe);
      await look("light", view, "");
      // Nothing but the colours is another one in the dark.
      await look("dark", view, ', runOnly: ["color-contrast"]');
    }
    expect(found).toEqual([]);
  }, 280_000);

  test("of many containers only the rows in sight are drawn, and the list stays quick", async () => {
    let next = 0;
    const make = async () => {
      for (let at = next++; at < many; at = next++)
        await engine.containers.create({ Image: "busybox", name: `many-${at}` });
    };
    await Promise.all([make(), make(), make(), make()]);
    await at.go("/containers");
    const all = (await engine.containers.list({ all: true })).length.toLocaleString("en");
    await page.locator(".view-count").filter({ hasText: all }).waitFor();
    expect(await page.getByRole("row").count()).toBeLessThan(60);
    await page.keyboard.press("j");
    await page.keyboard.press("End");
    const count = Number(await page.getByRole("grid").getAttribute("aria-rowcount"));
    await page.locator(`[aria-rowindex="${count}"]`).waitFor();
    const started = performance.now();
    await page.getByLabel("Filter containers").fill(`many-${many - 1}`);
    await page
      .getByRole("row")
      .filter({ hasText: `many-${many - 1}` })
      .waitFor();
    await page.locator(".table-space > *").nth(1).waitFor({ state: "detached" });
    console.log(`${many} containers: filtered in ${Math.round(performance.now() - started)} ms`);
    await engine.containers.prune();
    await page
      .getByText("No container")
      .or(page.locator(".view-count").filter({ hasText: /^1$/ }))
      .first()
      .waitFor();
  }, 280_000);
});

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}
