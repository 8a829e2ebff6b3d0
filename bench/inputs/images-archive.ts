import { createHash } from "node:crypto";

/** A docker archive (what `docker save` wrote before 25) of small images, each with a config of its own and one shared layer. */
export function imagesArchive(names: readonly string[]): Buffer {
  const layer = Buffer.concat([entry("shared", Buffer.from("the same in all\n")), Buffer.alloc(1024)]);
  const diffID = sha256(layer);
  const manifest: object[] = [];
  const configs = names.map((name, index) => {
    const config = Buffer.from(
      JSON.stringify({
        architecture: "amd64",
        os: "linux",
        created: new Date(1.7e12 + index * 1000).toISOString(),
        config: { Labels: { index: String(index) } },
        rootfs: { type: "layers", diff_ids: [`sha256:${diffID}`] },
      }),
    );
    const path = `${sha256(config)}.json`;
    manifest.push({ Config: path, RepoTags: [name], Layers: ["layer/layer.tar"] });
    return entry(path, config);
  });
  const list = entry("manifest.json", Buffer.from(JSON.stringify(manifest)));
  return Buffer.concat([entry("layer/layer.tar", layer), ...configs, list, Buffer.alloc(1024)]);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A file of a ustar archive, padded to blocks. */
function entry(name: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(["0000644", "0000000", "0000000", ""].join("\0"), 100);
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write(`${"0".repeat(11)}\0${" ".repeat(8)}0`, 136);
  header.write(["ustar", "00"].join("\0"), 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
