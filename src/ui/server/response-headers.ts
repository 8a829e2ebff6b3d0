/** Of every answer: no other site frames it, reads it, or learns where it was. */
const common: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
};

/** Adds what every answer says, unless the answer says it more exactly. */
export function safe(answer: Response): Response {
  for (const [name, value] of Object.entries(common))
    if (!answer.headers.has(name)) answer.headers.set(name, value);
  if (!answer.headers.has("Cache-Control")) answer.headers.set("Cache-Control", "no-store");
  return answer;
}

/**
 * Of the page: everything comes from here, nothing inline runs, nothing is sent elsewhere. The terminal makes style
 * elements, which carry the nonce.
 */
export function pageHeaders(nonce: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  return { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy.join("; ") };
}
