import { readFileSync } from "node:fs";

/** This package's version. */
export const version: string = (
  JSON.parse(readFileSync(new URL(import.meta.resolve("@regnet/study/package.json")), "utf8")) as { version: string }
).version;
