import { spawn } from "node:child_process";

/** Opens a link on a desktop; elsewhere, and when nothing there opens links, it does nothing. */
export function openBrowser(link: string, env: Readonly<Record<string, string | undefined>>): void {
  if (!env["DISPLAY"] && !env["WAYLAND_DISPLAY"]) return;
  const child = spawn("xdg-open", [link], { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
}
