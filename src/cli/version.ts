import manifest from "../../package.json" with { type: "json" };

/** This program's version: the one of package.json. */
export const programVersion: string = manifest.version;
