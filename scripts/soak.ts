/** `npm run soak [MINUTES]` (default 10): builds, pulls and runs under kill -9, over and over; ends at the first fault. */
import { spawnSync } from "node:child_process";

const minutes = Number(process.argv[2] ?? 10);
const { status } = spawnSync(
  "node_modules/.bin/bun",
  ["test", "--timeout", String((minutes + 10) * 60_000), "./test/engine/soak.ts"],
  { stdio: "inherit", env: { ...process.env, SOAK_MINUTES: String(minutes) } },
);
process.exit(status ?? 1);
