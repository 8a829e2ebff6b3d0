import { signal, type Signal } from "@preact/signals";
import { createContext, type ComponentChildren } from "preact";
import { useContext } from "preact/hooks";
import { messageFrom } from "../data/api.ts";
import { Live } from "../data/live.ts";
import { Router } from "./router.ts";

export interface Toast {
  readonly id: number;
  readonly kind: "ok" | "bad";
  readonly text: string;
}

/** What the page's server says of itself. */
export interface ServerFacts {
  readonly readOnly: boolean;
  readonly version: string;
  readonly engine: string;
}

const toastMs = { ok: 4000, bad: 12_000 };

/** Everything one page has in common: where it is, its line to the engine, what it tells the user. */
export class App {
  readonly router = new Router();
  readonly live = new Live();
  readonly server: Signal<ServerFacts>;
  readonly toasts: Signal<readonly Toast[]> = signal([]);
  /** ms since the epoch, moving on every few seconds: relative times follow it. */
  readonly now = signal(Date.now());
  /** The dialog that is open; it stands outside the views, so that what changes there leaves it alone. */
  readonly dialog: Signal<ComponentChildren> = signal(undefined);
  #nextToast = 1;

  constructor(server: ServerFacts) {
    this.server = signal(server);
  }

  get readOnly(): boolean {
    return this.server.value.readOnly;
  }

  readonly closeDialog = (): void => {
    this.dialog.value = undefined;
  };

  tell(kind: Toast["kind"], text: string): void {
    const toast = { id: this.#nextToast, kind, text };
    this.#nextToast += 1;
    this.toasts.value = [...this.toasts.value.slice(-3), toast];
    setTimeout(() => this.dismiss(toast.id), toastMs[kind]);
  }

  dismiss(id: number): void {
    this.toasts.value = this.toasts.value.filter((toast) => toast.id !== id);
  }

  /** Does something and tells how it went; false when it failed. */
  async attempt(work: () => Promise<void>, done?: string): Promise<boolean> {
    try {
      await work();
      if (done !== undefined) this.tell("ok", done);
      return true;
    } catch (error) {
      this.tell("bad", messageFrom(error));
      return false;
    }
  }
}

export const AppContext = createContext<App | undefined>(undefined);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error("There is no app around this part");
  return app;
}
