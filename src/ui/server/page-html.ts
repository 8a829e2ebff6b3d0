import { escapeHtml } from "./escape-html.ts";

export interface PageHtml {
  /** Names of the bundle's entry, its styles and the font. */
  readonly script: string;
  readonly style: string;
  readonly font: string | undefined;
  /** `light`, `dark`, or undefined for what the system prefers. */
  readonly theme: string | undefined;
  /** Only styles that carry it, or come from a file, are applied. */
  readonly nonce: string;
}

/** The one document of the page; what it shows before the script runs is its empty frame. */
export function pageHtml({ script, style, font, theme, nonce }: PageHtml): string {
  const shown = theme === "dark" || theme === "light" ? ` data-theme="${theme}"` : "";
  const preload =
    font === undefined
      ? ""
      : `<link rel="preload" href="/assets/${font}" as="font" type="font/woff2" crossorigin>`;
  return `<!doctype html>
<html lang="en"${shown}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<meta name="style-nonce" nonce="${nonce}">
<title>Slipway</title>
${preload}
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/${style}">
<script type="module" src="/assets/${script}"></script>
</head>
<body><div id="app"><div class="boot" aria-hidden="true"><span class="boot-rail"></span></div></div>
<noscript>This page is a program: it needs JavaScript.</noscript></body>
</html>
`;
}

/** Shown instead of the page: why, and what to do. It has no script. */
export function noticeHtml(title: string, text: string, style: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Slipway</title><link rel="stylesheet" href="/assets/${style}"></head>
<body class="notice-page"><main class="notice-card"><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>
<pre>slipway ui</pre></main></body>
</html>
`;
}
