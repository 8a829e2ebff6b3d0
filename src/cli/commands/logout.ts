import { eraseCredentials } from "../../registry/client/docker-config.ts";
import { arity, command } from "../command.ts";
import { configFile } from "../registry/auth.ts";

export default command({
  usage: "logout [SERVER]",
  summary: "Log out from a registry",
  flags: {},
  args: arity.upTo(1),
  async run({ args: [server = "docker.io"] }, context) {
    const domain = server.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
    await eraseCredentials(configFile(context), domain);
    const shown = domain === "docker.io" ? "https://index.docker.io/v1/" : domain;
    context.stdout.write(`Removing login credentials for ${shown}\n`);
    return 0;
  },
});
