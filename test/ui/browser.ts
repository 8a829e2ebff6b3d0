/** A real browser on a real page: Debian's Chromium, `slipway ui` as a process, an engine of its own. */
import { existsSync } from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";
import { Lab } from "../cli/lab.ts";

const program = "/usr/bin/chromium";

/** Undefined: tests of the page run. */
export const missing = existsSync(program)
  ? undefined
  : `skipped: ${program} is missing (apt-get install chromium)`;

const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

/** `slipway ui`, running. Dispose ends it. */
export class UiProcess implements AsyncDisposable {
  readonly link: string;
  readonly origin: string;
  readonly #child: ReturnType<Lab["spawn"]>;

  private constructor(child: ReturnType<Lab["spawn"]>, link: string) {
    this.#child = child;
    this.link = link;
    this.origin = new URL(link).origin;
  }

  static async start(lab: Lab, ...args: string[]): Promise<UiProcess> {
    const child = lab.spawn(["ui", "--no-browser", ...args]);
    let said = "";
    for await (const chunk of child.stdout) {
      said += new TextDecoder().decode(chunk);
      const link = /^http:\/\/\S+$/m.exec(said)?.[0];
      if (link !== undefined && said.includes("\n")) return new UiProcess(child, link);
    }
    throw new Error(`slipway ui ended: ${await child.stderr.text()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.exited;
  }
}

/** An engine, its page and a browser. Dispose ends all of it. */
export class UiLab implements AsyncDisposable {
  readonly lab: Lab;
  readonly ui: UiProcess;
  readonly page: Page;
  /** What the browser complained of: nothing may be here in the end. */
  readonly complaints: string[] = [];
  readonly #browser: Browser;

  private constructor(lab: Lab, ui: UiProcess, browser: Browser, page: Page) {
    this.lab = lab;
    this.ui = ui;
    this.#browser = browser;
    this.page = page;
  }

  /** With `busybox:latest`. */
  static async open(): Promise<UiLab> {
    const lab = await Lab.open();
    const ui = await UiProcess.start(lab);
    const browser = await chromium.launch({ executablePath: program, args: quiet });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const made = new UiLab(lab, ui, browser, page);
    page.on("pageerror", (error) => made.complaints.push(error.message));
    page.on("console", (message) => {
      // A lost engine and a missing object are shown by the page; the browser says so too.
      const isExpected = /Failed to load resource|WebSocket connection/.test(message.text());
      if (message.type() === "error" && !isExpected) made.complaints.push(message.text());
    });
    await page.goto(ui.link);
    return made;
  }

  async go(path: string): Promise<void> {
    await this.page.goto(this.ui.origin + path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.ui[Symbol.asyncDispose]();
    await this.lab[Symbol.asyncDispose]();
  }
}
