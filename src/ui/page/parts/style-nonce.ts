/**
 * Style elements made during `work` carry the page's nonce: without it the Content-Security-Policy lets no style sheet
 * be but those that come from files. The terminal makes its own, and keeps writing to them.
 */
export function withStyleNonce(work: () => void): void {
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.nonce ?? "";
  const create = document.createElement.bind(document);
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = create(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  }) as typeof document.createElement;
  try {
    work();
  } finally {
    document.createElement = create;
  }
}
