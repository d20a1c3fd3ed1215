import { RegnetError } from "../../errors.js";
import type { StoredTensor } from "../tensor.js";
import { type NamedFamily, nameMap, namings } from "./maps.js";
import type { Family, NameMap, Naming } from "./naming.js";

/** Tensors by our names. */
export type NamedTensors = ReadonlyMap<string, StoredTensor>;

export interface DetectedNaming {
  readonly naming: Naming;
  readonly family: Family;
  readonly named: NamedTensors;
}

/** What wrappers put before every name: DataParallel, torch.compile. */
const WRAPPER = /^(?:module\.|_orig_mod\.)+/;
const COUNTER = /(^|\.)num_batches_tracked$/;
const SHOWN = 3;

/**
 * Whose names these are, and the tensors under ours. PyTorch's batch counters are left out.
 *
 * @throws RegnetError that shows which tensors belong to no known naming
 */
export function detectNaming(tensors: Readonly<Record<string, StoredTensor>>): DetectedNaming {
  const entries = Object.entries(tensors)
    .map(([name, tensor]) => [name.replace(WRAPPER, ""), tensor] as const)
    .filter(([name]) => !COUNTER.test(name));
  if (entries.length === 0) throw new RegnetError("missing weights: the file holds no tensors", "missing");
  const names = entries.map(([name]) => name);
  const best = candidates()
    .map((candidate) => ({ ...candidate, strangers: names.filter((name) => !candidate.map.ours(name)) }))
    .reduce((a, b) => (b.strangers.length < a.strangers.length ? b : a));
  if (best.strangers.length > 0) throw strange(best.strangers, names.length, best);
  const named = new Map(entries.map(([name, tensor]) => [best.map.ours(name)!, tensor]));
  return { naming: best.naming, family: best.family, named };
}

interface Candidate extends NamedFamily {
  readonly naming: Naming;
  readonly map: NameMap;
}

function candidates(): Candidate[] {
  const families: NamedFamily[] = [
    { family: "regnet", squeezeExcitation: false },
    { family: "regnet", squeezeExcitation: true },
    { family: "convnext", squeezeExcitation: false },
  ];
  return families.flatMap((family) =>
    namings[family.family].map((naming) => ({ ...family, naming, map: nameMap(family, naming) })),
  );
}

function strange(strangers: readonly string[], total: number, { naming, family }: Candidate): RegnetError {
  const some = strangers.slice(0, SHOWN).map((name) => JSON.stringify(name.slice(0, 100)));
  const list = `${some.join(", ")}${strangers.length > SHOWN ? ", …" : ""}`;
  const text =
    strangers.length === total
      ? `unknown tensor names: ${list}; expected a RegNet or ConvNeXt as timm, torchvision, pycls or Hugging Face name it`
      : `unknown tensors: the file looks like a ${family} with ${naming}'s names, but has ${strangers.length} others: ${list}`;
  return new RegnetError(text, "unknown");
}
