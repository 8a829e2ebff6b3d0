/** `npm run ok`: format, types, lint, layering, unit tests. The first failure ends it. */
import { spawnSync } from "node:child_process";

const steps: [string, string[]][] = [
  ["oxfmt", ["--check", "src", "test", "scripts", "bench", "examples"]],
  ["tsc", []],
  ["tsc", ["-p", "src/ui/page"]],
  ["oxlint", ["--deny-warnings"]],
  ["bun", ["scripts/layering.ts"]],
  ["bun", ["test", "src"]],
];

for (const [command, args] of steps) {
  const started = performance.now();
  const { status } = spawnSync(`node_modules/.bin/${command}`, args, { stdio: "inherit" });
  console.log(
    `${status === 0 ? "ok" : "FAILED"}  ${command} ${args.join(" ")} ${Math.round(performance.now() - started)} ms`,
  );
  if (status !== 0) process.exit(1);
}
