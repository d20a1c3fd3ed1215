import sharp from "sharp";
import { expect, it } from "vitest";
import { decodeImage } from "./decode.js";
import { fileKind, supportedKinds } from "./fileKind.js";

/** The first box of a media file: its brand and the further ones. */
function media(brand: string, ...further: readonly string[]): Uint8Array {
  const box = Buffer.alloc(16 + 4 * further.length);
  box.writeUInt32BE(box.length);
  box.write(`ftyp${brand}`, 4, "latin1");
  further.forEach((one, i) => {
    box.write(one, 16 + 4 * i, "latin1");
  });
  return Buffer.concat([box, Buffer.from("heic")]);
}

it.each([
  ["AVIF", media("avif", "mif1", "miaf")],
  ["AVIF", media("mif1", "avif")],
  ["HEIC (save it as JPEG)", media("heic", "mif1")],
  ["HEIC (save it as JPEG)", media("mif1", "heic")],
  ["video or another media file", media("isom", "mp42")],
  ["video or another media file", media("qt  ")],
  ["video or another media file", media("isom").subarray(0, 8)],
])("tells %s", (kind, bytes) => {
  expect(fileKind(bytes)).toBe(kind);
  expect(supportedKinds.has(kind)).toBe(kind === "AVIF");
});

it("decodes AVIF, and says what to do with HEIC", async () => {
  const avif = await sharp({ create: { width: 20, height: 10, channels: 3, background: "#c04020" } })
    .avif()
    .toBuffer();
  expect(await decodeImage(avif, { channels: 3 })).toMatchObject({ height: 10, width: 20 });
  await expect(decodeImage(media("heic"), { channels: 3 })).rejects.toThrow(
    "not an image that can be read: HEIC (save it as JPEG)",
  );
});
