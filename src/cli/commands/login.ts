import { storeCredentials } from "../../registry/client/docker-config.ts";
import { ask, readLine } from "../ask.ts";
import { arity, command, ExitError, type CliContext } from "../command.ts";
import { bool, string } from "../flags/flag.ts";
import { configFile, registryAuth } from "../registry/auth.ts";

export default command({
  usage: "login [OPTIONS] [SERVER]",
  summary: "Authenticate to a registry",
  flags: {
    password: string("Password", { short: "p" }),
    "password-stdin": bool("Take the password from stdin"),
    username: string("Username", { short: "u" }),
  },
  args: arity.upTo(1),
  async run({ flags, args: [server = "docker.io"] }, context) {
    const domain = server.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
    const kept = flags.username === "" ? await registryAuth(context, domain) : undefined;
    const username = flags.username || kept?.username || (await ask(context, "Username: ", false));
    const password = await passwordOf(flags, kept?.password, context);
    if (username === "" || password === "")
      throw new ExitError(1, "Error: username and password must not be empty");
    const { system } = await context.engine();
    const { Status, IdentityToken } = await system.auth({ username, password, serveraddress: domain });
    const credentials =
      IdentityToken === "" ? { username, password } : { username, identitytoken: IdentityToken };
    await storeCredentials(configFile(context), domain, credentials);
    context.stdout.write(`${Status}\n`);
    return 0;
  },
});

async function passwordOf(
  flags: { readonly password: string; readonly "password-stdin": boolean; readonly username: string },
  kept: string | undefined,
  context: CliContext,
): Promise<string> {
  if (flags["password-stdin"]) {
    if (flags.password !== "")
      throw new ExitError(1, "--password and --password-stdin are mutually exclusive");
    if (flags.username === "") throw new ExitError(1, "Must provide --username with --password-stdin");
    return await readLine(context.stdin);
  }
  if (flags.password !== "") {
    context.stderr.write("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n");
    return flags.password;
  }
  return kept ?? (await ask(context, "Password: ", true));
}
