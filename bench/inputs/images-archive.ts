import { createHash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { mixedBytes } from "./random.ts";

/** A docker archive (what `docker save` wrote before 25) of small images, each with a config of its own and one shared layer. */
export function imagesArchive(names: readonly string[]): Buffer {
  const layer = layerOf("shared", Buffer.from("the same in all\n"));
  const path = "layer/layer.tar";
  const images = names.map((name, index) => ({
    name,
    layers: [path],
    config: configOf([sha256(layer)], index),
  }));
  return Buffer.concat([entry(path, layer), ...documents(images)]);
}

export interface LayeredImage {
  readonly name: string;
  readonly layers: number;
  /** Bytes of the one file in each layer, which compress to about a half. */
  readonly layerSize: number;
  /** Another number, other bytes. */
  readonly seed: number;
}

/** Writes the docker archive of one image to `path`. */
export function writeLayeredImage(path: string, { name, layers, layerSize, seed }: LayeredImage): void {
  const file = openSync(path, "w");
  const names = Array.from({ length: layers }, (_, index) => `${index}/layer.tar`);
  const diffIDs = names.map((layerName, index) => {
    const layer = layerOf(`data-${index}`, mixedBytes(seed * 1000 + index, layerSize));
    writeSync(file, entry(layerName, layer));
    return sha256(layer);
  });
  for (const part of documents([{ name, layers: names, config: configOf(diffIDs, seed) }]))
    writeSync(file, part);
  closeSync(file);
}

function layerOf(name: string, content: Buffer): Buffer {
  return Buffer.concat([entry(name, content), end]);
}

function configOf(diffIDs: readonly string[], index: number): Buffer {
  const config = {
    architecture: "amd64",
    os: "linux",
    created: new Date(1.7e12 + index * 1000).toISOString(),
    config: { Labels: { index: String(index) } },
    rootfs: { type: "layers", diff_ids: diffIDs.map((hex) => `sha256:${hex}`) },
  };
  return Buffer.from(JSON.stringify(config));
}

/** What an archive has besides layers, and its end. */
function documents(images: readonly { name: string; layers: readonly string[]; config: Buffer }[]): Buffer[] {
  const configs = images.map(({ config }) => entry(`${sha256(config)}.json`, config));
  const manifest = images.map(({ name, layers, config }) => ({
    Config: `${sha256(config)}.json`,
    RepoTags: [name],
    Layers: layers,
  }));
  return [...configs, entry("manifest.json", Buffer.from(JSON.stringify(manifest))), end];
}

const end = Buffer.alloc(1024);

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
