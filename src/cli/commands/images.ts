import type { ImageSummary } from "../../engine/types/image.ts";
import { humanDuration } from "../../internal/human-duration.ts";
import { humanSize } from "../../internal/human-size.ts";
import { arity, command } from "../command.ts";
import { shortId } from "../format/table.ts";
import { formatList, type Column } from "../format/output.ts";
import { parseFilters } from "../flags/filters.ts";
import { bool, list, string } from "../flags/flag.ts";

/** One line of the listing: an image has one for each of its names. */
interface Row {
  readonly image: ImageSummary;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

export default command({
  usage: "images [OPTIONS] [REPOSITORY[:TAG]]",
  summary: "List images",
  aliases: ["image ls", "image list", "images"],
  flags: {
    all: bool("Show all images (default hides intermediate images)", { short: "a" }),
    digests: bool("Show digests"),
    filter: list("Filter output based on conditions provided", { short: "f", kind: "filter" }),
    format: string("Format output using a custom template: 'table', 'table TEMPLATE', 'json' or TEMPLATE"),
    "no-trunc": bool("Don't truncate output"),
    quiet: bool("Only show image IDs", { short: "q" }),
  },
  args: arity.upTo(1),
  async run({ flags, args: [reference] }, context) {
    const filters = parseFilters(
      reference === undefined ? flags.filter : [...flags.filter, `reference=${reference}`],
    );
    const images = await (
      await context.engine()
    ).images.list({ all: flags.all, filters, digests: flags.digests });
    if (flags.quiet) {
      for (const { Id } of images) context.stdout.write(`${flags["no-trunc"] ? Id : shortId(Id)}\n`);
      return 0;
    }
    const all = columns(flags["no-trunc"], Date.now());
    const shown = ["Repository", "Tag", ...(flags.digests ? ["Digest"] : []), "ID", "CreatedSince", "Size"];
    const usual = shown
      .map((name) => all.find((column) => column.name === name))
      .filter((column) => column !== undefined);
    context.stdout.write(
      formatList(
        flags.format,
        images.flatMap((image) => rowsOf(image, flags.digests)),
        usual,
        all,
      ),
    );
    return 0;
  },
});

function rowsOf(image: ImageSummary, digests: boolean): Row[] {
  const digestOf = (repository: string) =>
    image.RepoDigests.find((name) => name.startsWith(`${repository}@`))?.split("@")[1] ?? "<none>";
  const tagged = image.RepoTags.map((name) => {
    const colon = name.lastIndexOf(":");
    const repository = name.slice(0, colon);
    return { image, repository, tag: name.slice(colon + 1), digest: digestOf(repository) };
  });
  if (tagged.length > 0) return tagged;
  const untagged = image.RepoDigests.map((name) => {
    const [repository = "", digest = ""] = name.split("@");
    return { image, repository, tag: "<none>", digest };
  });
  if (untagged.length > 0) return digests ? untagged : untagged.slice(0, 1);
  return [{ image, repository: "<none>", tag: "<none>", digest: "<none>" }];
}

function columns(whole: boolean, now: number): Column<Row>[] {
  return [
    { name: "Repository", header: "REPOSITORY", value: ({ repository }) => repository },
    { name: "Tag", header: "TAG", value: ({ tag }) => tag },
    { name: "Digest", header: "DIGEST", value: ({ digest }) => digest },
    { name: "ID", header: "IMAGE ID", value: ({ image }) => (whole ? image.Id : shortId(image.Id)) },
    {
      name: "CreatedSince",
      header: "CREATED",
      value: ({ image }) => (image.Created <= 0 ? "N/A" : `${humanDuration(now - image.Created * 1000)} ago`),
    },
    {
      name: "CreatedAt",
      header: "CREATED AT",
      value: ({ image }) => new Date(image.Created * 1000).toISOString(),
    },
    { name: "Size", header: "SIZE", value: ({ image }) => humanSize(image.Size, 3) },
    { name: "Containers", header: "CONTAINERS", value: () => "N/A" },
    { name: "SharedSize", header: "SHARED SIZE", value: () => "N/A" },
    { name: "UniqueSize", header: "UNIQUE SIZE", value: () => "N/A" },
  ];
}
