import { unknown } from "@regnet/core";
import type { DecisionFacts } from "../../analysis/decision.js";
import { type DecisionText, decisionEn } from "./decisionsEn.js";
import { decisionZh } from "./decisionsZh.js";
import { en, type Messages } from "./en.js";
import { zh } from "./zh.js";

export type { DecisionText } from "./decisionsEn.js";
export type { Messages } from "./en.js";

/** Languages a report can be written in. */
export type Language = "en" | "zh";

const catalogue: Record<Language, Messages> = { en, zh };

/** @throws RegnetError for a language there is no catalogue of */
export function messagesFor(language: string): Messages {
  const found = Object.hasOwn(catalogue, language) ? catalogue[language as Language] : undefined;
  if (!found) throw unknown("language", language, Object.keys(catalogue));
  return found;
}

/** A decision in words. */
export function decisionText(decision: DecisionFacts, language: Language): DecisionText {
  return language === "zh" ? decisionZh(decision) : decisionEn(decision);
}
