/** `system uninstall` where no engine can be opened: it must leave nothing all the same. */
import { expect, test } from "bun:test";
import { existsSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { configOf, EngineProcess, makeBusybox, newRoot, slipway, start } from "./lab.ts";
import { leftovers, nothing } from "./leftovers.ts";

async function uninstall(root: string, before: readonly string[] = []): Promise<string> {
  const child = Bun.spawn([...before, ...slipway, "system", "uninstall", "-f", "--data"], {
    env: { ...process.env, SLIPWAY_ROOT: root },
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = await child.stderr.text();
  expect([await child.exited, said]).toEqual([0, said]);
  return said;
}

const tableExists = (name: string) =>
  Bun.spawnSync(["nft", "list", "table", "inet", name], { stderr: "ignore" }).exitCode === 0;

test("uninstall of a root whose database is broken ends its containers, links and rules", async () => {
  await using at = await EngineProcess.start();
  await makeBusybox(at.engine, at.root);
  const options = { "com.docker.network.bridge.name": `slwu${process.pid}` };
  await at.engine.networks.create({ Name: "own", Options: options });
  const HostConfig = { NetworkMode: "own", PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "" }] } };
  const id = await start(at.engine, ["sleep", "1000"], { name: "left", HostConfig });
  await at.kill();
  const config = configOf(at.root);
  expect(leftovers(config, [id]).processes.length).toBeGreaterThan(0);
  writeFileSync(join(at.root, "state.db"), "this is no database ".repeat(1000));
  for (const log of ["state.db-wal", "state.db-shm"]) writeFileSync(join(at.root, log), "");
  expect(await uninstall(at.root)).toContain("removed without the engine's records: ");
  expect(leftovers(config, [id])).toEqual(nothing);
  expect(tableExists(config.nftTable)).toBe(false);
  for (const path of [at.root, config.runDirectory, `/sys/class/net/slwu${process.pid}`])
    expect([path, existsSync(path)]).toEqual([path, false]);
});

test("uninstall works where all address pools are in use", async () => {
  const root = newRoot();
  const routes = ["172.16.0.0/12", "192.168.0.0/16"].map((block) => `ip route add blackhole ${block}`);
  const inside = ["unshare", "--net", "sh", "-c", `${routes.join(" && ")} && exec "$@"`, "sh"];
  expect(await uninstall(root, inside)).toContain("all predefined address pools have been fully subnetted");
  expect(existsSync(root)).toBe(false);
  rmdirSync(dirname(root));
});
