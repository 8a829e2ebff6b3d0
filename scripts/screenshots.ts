/**
 * `bun scripts/screenshots.ts`: the pictures of docs/ui.md, each view in dark and in light, of an engine of its own with a
 * small shop in it. Needs root and Chromium.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectTo } from "../src/client/connect.ts";
import { LocalRegistry } from "../test/registry/local-registry.ts";
import { UiLab } from "../test/ui/browser.ts";

const place = "docs/ui";
mkdirSync(place, { recursive: true });

const dockerfile = `FROM busybox AS base
ENV PATH=/bin:/usr/bin
FROM base AS build
WORKDIR /app
COPY src ./src
RUN mkdir dist && cat src/*.js > dist/app.js && sleep 1 && printf '\\033[32m✓\\033[0m bundled \\033[1mdist/app.js\\033[0m\\n'
FROM base
WORKDIR /app
COPY assets ./assets
COPY --from=build /app/dist ./dist
RUN chmod -R a+r dist && rm assets/draft.bin
EXPOSE 8080
HEALTHCHECK --interval=2s CMD test -d /app
CMD ["sh", "-c", "httpd -p 8080 -h /app; i=0; while true; do i=$((i+1)); printf 'GET /basket/%s \\\\033[32m200\\\\033[0m 12ms\\\\n' $i; sleep 0.4; done"]
`;

await using at = await UiLab.open();
await using registry = await LocalRegistry.open();
const { lab, page } = at;
const engine = connectTo({ socketPath: lab.env["SLIPWAY_SOCKET"] ?? "" });

async function shop(): Promise<void> {
  const bytes = (count: number) => "0123456789abcdef".repeat(count / 16);
  const context = lab.files({
    Dockerfile: dockerfile,
    "src/basket.js": bytes(40_000),
    "src/pay.js": bytes(90_000),
  });
  mkdirSync(join(context, "assets"));
  for (const [name, size] of [
    ["logo.png", 420_000],
    ["hero.avif", 1_900_000],
    ["draft.bin", 800_000],
  ] as const)
    writeFileSync(join(context, "assets", name), bytes(size));
  for (const round of ["one", "two", "three"]) {
    writeFileSync(join(context, "src/basket.js"), bytes(40_000) + round);
    await lab.out("build", "-t", "shop:1.0", context);
  }
  await lab.run([
    "build",
    "-t",
    "shop:next",
    lab.files({ Dockerfile: "FROM shop:1.0\nRUN echo compiling; exit 2\n" }),
  ]);
  await lab.out("network", "create", "shop-net");
  await lab.out(
    "run",
    "-d",
    "--name",
    "web",
    "--network",
    "shop-net",
    "-p",
    "127.0.0.1:18085:8080",
    "shop:1.0",
  );
  const fill =
    "dd if=/dev/urandom of=/var/lib/db/data bs=1M count=6 2>/dev/null; while true; do sleep 1; done";
  await lab.out(
    "run",
    "-d",
    "--name",
    "db",
    "--network",
    "shop-net",
    "-v",
    "orders:/var/lib/db",
    "shop:1.0",
    "sh",
    "-c",
    fill,
  );
  await lab.run(["run", "--name", "migrate", "shop:1.0", "sh", "-c", "echo no such table >&2; exit 3"]);
  await lab.out("tag", "shop:1.0", `${registry.host}/shop:1.0`);
  await lab.out("push", "-q", `${registry.host}/shop:1.0`);
}

await shop();
const [image] = (await engine.images.list()).filter(({ RepoTags }) =>
  RepoTags.some((tag) => tag.startsWith("shop:1.0")),
);
const builds = await engine.builds.list();
const shots: Readonly<Record<string, string>> = {
  containers: "/containers",
  overview: "/containers/web",
  logs: "/containers/web/logs",
  terminal: "/containers/web/terminal",
  usage: "/containers/web/stats",
  files: "/containers/web/files",
  images: "/images",
  layers: `/images/${image?.Id}`,
  builds: "/builds",
  build: `/builds/${builds.find(({ outcome }) => outcome === "done")?.id}`,
  networks: "/networks",
  volumes: "/volumes",
  disk: "/disk",
  registry: `/registry/${encodeURIComponent(registry.host)}/shop`,
  events: "/events",
};
for (const theme of ["light", "dark"] as const) {
  await page.emulateMedia({ colorScheme: theme });
  for (const [name, path] of Object.entries(shots)) {
    await at.go(path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    if (name === "terminal") {
      await page.getByRole("button", { name: "Open a terminal" }).click();
      await page.locator(".terminal-frame").getByText("/app #").first().waitFor();
      await page.keyboard.type("ls -l\n");
    }
    await page.waitForTimeout(name === "usage" ? 12_000 : 1500);
    await page.screenshot({ path: join(place, `${name}-${theme}.png`) });
  }
}
await page.setViewportSize({ width: 420, height: 760 });
await at.go("/containers");
await page.waitForTimeout(1500);
await page.screenshot({ path: join(place, "narrow-dark.png") });
console.log(`${Object.keys(shots).length * 2 + 1} pictures in ${place}`);
