import { randomInt } from "node:crypto";
import { SlipwayError } from "../../../errors.ts";

const moods =
  "able agile amber brave breezy bright calm candid clever copper daring deft eager early fair fleet fond frank gentle glad golden handy hardy hearty honest jolly keen kind lively loyal lucid merry mellow nimble noble patient plain plucky polite prompt proud quick quiet ready robust rosy serene sharp silver sleek smart snug sober solid spry staunch steady sturdy sunny swift tidy trim trusty vivid warm wise witty zesty";
const boats =
  "barge barque bireme brig canoe caravel carrack clipper cog coracle corvette cutter dhow dinghy dory dredger felucca ferry frigate galleon galley gig gondola hoy jolly junk kayak keelboat ketch launch lighter longship lugger monitor packet pinnace pilot pontoon pram proa punt raft sampan schooner scow shallop skiff sloop smack steamer tender trawler trimaran trireme tug whaler wherry xebec yacht yawl";

/** A name nobody has yet: `nimble_sloop`, after some tries with a number behind it. */
export function randomName(isTaken: (name: string) => boolean): string {
  for (let tries = 0; ; tries += 1) {
    const name = `${pick(moods)}_${pick(boats)}${tries < 4 ? "" : randomInt(1000)}`;
    if (!isTaken(name)) return name;
  }
}

function pick(words: string): string {
  const list = words.split(" ");
  return list[randomInt(list.length)] ?? "";
}

/** Throws `invalid_argument`, in Docker's words, for a name that is none. */
export function checkName(name: string): string {
  const bare = name.replace(/^\//, "");
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(bare)) {
    const rule = "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed";
    throw new SlipwayError("invalid_argument", `Invalid container name (${name}), ${rule}`);
  }
  return bare;
}
