/** The address as it may be shown: user and password are crossed out. */
export function redactUrl(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1xxxxx@");
}
