import { RegnetError } from "../../errors.js";
import * as convnext from "./convnext.js";
import { type Family, NameMap, type NamePairs, type Naming } from "./naming.js";
import * as regnet from "./regnet.js";

/** The namings of each family, ours first. */
export const namings = {
  regnet: ["timm", "torchvision", "pycls", "hf"],
  convnext: ["timm", "torchvision", "hf", "official"],
} as const satisfies Record<Family, readonly Naming[]>;

const convnextPairs: Partial<Record<Naming, NamePairs>> = {
  timm: convnext.timm,
  torchvision: convnext.torchvision,
  hf: convnext.hf,
  official: convnext.official,
};

/** What a family's own names say of it. */
export interface NamedFamily {
  readonly family: Family;
  readonly squeezeExcitation: boolean;
}

/** The family that parameters of these names (ours) belong to. */
export function familyOf(names: readonly string[]): NamedFamily {
  const family = names.some((name) => name.startsWith("stages.")) ? "convnext" : "regnet";
  return { family, squeezeExcitation: names.some((name) => name.includes(".se.")) };
}

/**
 * The map of one naming for a family.
 *
 * @throws RegnetError (`unsupported`) where the naming has no such family
 */
export function nameMap({ family, squeezeExcitation }: NamedFamily, naming: Naming): NameMap {
  const pairs = family === "convnext" ? convnextPairs[naming] : regnetPairs(naming, squeezeExcitation);
  if (pairs) return new NameMap(pairs);
  const known = namings[family].join(", ");
  throw new RegnetError(`unsupported naming "${naming}" for a ${family} (known: ${known})`, "unsupported");
}

function regnetPairs(naming: Naming, squeezeExcitation: boolean): NamePairs | undefined {
  switch (naming) {
    case "timm":
      return regnet.timm;
    case "torchvision":
      return regnet.torchvision;
    case "pycls":
      return regnet.pycls;
    case "hf":
      return regnet.hf(squeezeExcitation);
    case "official":
      return undefined;
    default:
      throw new TypeError(`unreachable naming: ${naming satisfies never}`);
  }
}
