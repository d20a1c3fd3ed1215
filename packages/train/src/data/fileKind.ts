/** Kinds that are decoded. */
export const supportedKinds: ReadonlySet<string> = new Set(["JPEG", "PNG", "GIF", "WebP", "TIFF", "AVIF"]);

const signatures: readonly (readonly [kind: string, offset: number, bytes: readonly number[]])[] = [
  ["JPEG", 0, [0xff, 0xd8, 0xff]],
  ["PNG", 0, [0x89, 0x50, 0x4e, 0x47]],
  ["GIF", 0, [0x47, 0x49, 0x46, 0x38]],
  ["WebP", 8, [0x57, 0x45, 0x42, 0x50]],
  ["TIFF", 0, [0x49, 0x49, 0x2a, 0]],
  ["TIFF", 0, [0x4d, 0x4d, 0, 0x2a]],
  ["TIFF", 0, [0x49, 0x49, 0x2b, 0]],
  ["TIFF", 0, [0x4d, 0x4d, 0, 0x2b]],
  ["BMP (save it as PNG)", 0, [0x42, 0x4d]],
  ["PDF", 0, [0x25, 0x50, 0x44, 0x46]],
  ["ZIP archive", 0, [0x50, 0x4b, 3, 4]],
  ["gzip archive", 0, [0x1f, 0x8b]],
];

/** The first box of ISO's media files, which names what they follow: at byte 8 the brand, from 16 on further ones. */
const FTYP = "ftyp";
/** Still pictures and sequences of them by HEVC, for which there is no decoder. */
const heic: ReadonlySet<string> = new Set("heic heix hevc hevx heim heis hevm hevs mif1 msf1".split(" "));

/** What a file is by its first bytes, whatever its name says; in words for people. */
export function fileKind(bytes: Uint8Array): string {
  if (bytes.length === 0) return "empty file";
  for (const [kind, offset, expected] of signatures) {
    if (expected.every((byte, i) => bytes[offset + i] === byte)) return kind;
  }
  if (textAt(bytes, 4) === FTYP) return mediaKind(bytes);
  return isText(bytes.subarray(0, 256)) ? "text" : "unknown format";
}

function mediaKind(bytes: Uint8Array): string {
  const end = Math.min(bytes.length, new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), 256);
  const brands = new Set([textAt(bytes, 8)]);
  for (let at = 16; at + 4 <= end; at += 4) brands.add(textAt(bytes, at));
  if (brands.has("avif") || brands.has("avis")) return "AVIF";
  return [...brands].some((brand) => heic.has(brand)) ? "HEIC (save it as JPEG)" : "video or another media file";
}

function textAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);
}
