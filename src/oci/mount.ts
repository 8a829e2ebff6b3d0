/** One mount as mount(8) would spell it: `{ type: "overlay", source: "overlay", options: ["lowerdir=…"] }`. */
export interface Mount {
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}
