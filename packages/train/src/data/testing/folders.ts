import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { Random } from "../random.js";

/** Writes a small PNG of noise; equal seeds give equal images. */
export async function writeNoise(path: string, seed: number, height = 8, width = 8): Promise<void> {
  const random = new Random(seed);
  const pixels = Uint8Array.from({ length: 3 * height * width }, () => random.integer(256));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer(),
  );
}

/** `counts` images in class folders below a root: `{ "train/cat": 3 }`. */
export async function writeClassFolders(root: string, counts: Readonly<Record<string, number>>): Promise<void> {
  let seed = 0;
  for (const [folder, count] of Object.entries(counts)) {
    mkdirSync(join(root, folder), { recursive: true });
    for (let i = 0; i < count; i++) await writeNoise(join(root, folder, `${i}.png`), seed++);
  }
}

/** A folder with one of every oddity that folders of images have. */
export async function writeHostileFolder(root: string): Promise<void> {
  await writeClassFolders(root, { 猫: 4, 狗: 4, empty: 0 });
  const jpeg = await sharp({ create: { width: 300, height: 200, channels: 3, background: "#c04020" } })
    .jpeg()
    .toBuffer();
  const put = (name: string, content: Uint8Array | string) => writeFileSync(join(root, name), content);
  put("猫/truncated.jpg", jpeg.subarray(0, jpeg.length >> 1));
  put("猫/text.png", "this is no image\n");
  put("猫/nothing.png", "");
  put("猫/照片 一.jpg", jpeg);
  put("狗/readme.txt", "not looked at");
  put("狗/.hidden.png", "not looked at");
  put("狗/cmyk.jpg", await sharp(jpeg).toColourspace("cmyk").jpeg().toBuffer());
  put("狗/grey16.png", await grey16());
  put("狗/floats.tiff", floats());
  put("狗/animated.gif", await animation());
  put("狗/wide.png", await wide());
  put("loose.jpg", jpeg);
}

/** A ramp of 16 bits: its left half 0x40??, its right half 0xc0??. */
async function grey16(): Promise<Uint8Array> {
  const [height, width] = [16, 16];
  const pixels = Uint16Array.from({ length: height * width }, (_, i) => (i % width < width / 2 ? 0x4000 : 0xc000) + i);
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .toColourspace("grey16")
    .png()
    .toBuffer();
}

/** A TIFF of 8×8 floats, whose range no convention tells. */
function floats(): Uint8Array {
  const [side, pixels] = [8, 8];
  const entries = [
    [256, side],
    [257, side],
    [258, 32],
    [259, 1],
    [262, 1],
    [273, pixels],
    [277, 1],
    [278, side],
    [279, 4 * side * side],
    [339, 3],
  ];
  const directory = pixels + 4 * side * side;
  const file = Buffer.alloc(directory + 2 + 12 * entries.length + 4);
  file.write("II*\0", 0, "latin1");
  file.writeUInt32LE(directory, 4);
  for (let i = 0; i < side * side; i++) file.writeFloatLE(i / 64, pixels + 4 * i);
  file.writeUInt16LE(entries.length, directory);
  for (const [i, [tag, value]] of entries.entries()) {
    const at = directory + 2 + 12 * i;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(4, at + 2);
    file.writeUInt32LE(1, at + 4);
    file.writeUInt32LE(value, at + 8);
  }
  return file;
}

/** Three frames: red, green, blue. */
async function animation(): Promise<Uint8Array> {
  const frames = ["#ff0000", "#00ff00", "#0000ff"].map((background) => ({
    create: { width: 20, height: 10, channels: 3 as const, background },
  }));
  return sharp(await Promise.all(frames.map((frame) => sharp(frame).png().toBuffer())), { join: { animated: true } })
    .gif({ delay: 100 })
    .toBuffer();
}

/** 20,000 × 40, black but for a white stretch in the middle. */
async function wide(): Promise<Uint8Array> {
  const white = sharp({ create: { width: 200, height: 40, channels: 3, background: "#ffffff" } });
  return sharp({ create: { width: 20_000, height: 40, channels: 3, background: "#000000" } })
    .composite([{ input: await white.png().toBuffer(), left: 9_900, top: 0 }])
    .png()
    .toBuffer();
}
