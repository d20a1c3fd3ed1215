import { build } from "esbuild";
import { describe, expect, it } from "vitest";

describe("@regnet/core", () => {
  it("bundles for the browser: nothing of it, or of what it stands on, asks for a module of Node", async () => {
    const { metafile, warnings } = await build({
      entryPoints: [new URL("./index.ts", import.meta.url).pathname],
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      logLevel: "silent",
    });
    expect(warnings).toEqual([]);
    const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
    expect(imports.length).toBeGreaterThan(100);
    expect(imports.filter(({ path, external }) => external || path.startsWith("node:"))).toEqual([]);
  });
});
