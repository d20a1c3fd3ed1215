import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { RegnetError } from "@regnet/core";
import { writingCache } from "../cache.js";
import type { OpenOptions } from "../dataSet.js";
import { findIdxPairs, idxFolderSource } from "./idxFolder.js";
import type { Source } from "./source.js";

interface RemoteFile {
  readonly name: string;
  /** Of the content once unpacked. */
  readonly sha256: string;
  readonly bytes: number;
}

/** The four files with the checksums of what is in them (gzip's own header differs between distributors). */
const FILES: readonly RemoteFile[] = [
  {
    name: "train-images-idx3-ubyte.gz",
    sha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    bytes: 47_040_016,
  },
  {
    name: "train-labels-idx1-ubyte.gz",
    sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    bytes: 60_008,
  },
  {
    name: "t10k-images-idx3-ubyte.gz",
    sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    bytes: 7_840_016,
  },
  {
    name: "t10k-labels-idx1-ubyte.gz",
    sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    bytes: 10_008,
  },
];

/** Where the files may be, beside the cache. */
const PLACES = {
  debian: "/usr/share/datasets/fashion-mnist",
  address: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
};
const MAX_DOWNLOAD_BYTES = 2 ** 26;
const DOWNLOAD_MILLISECONDS = 10 * 60_000;

const CLASSES = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];

type Options = Pick<OpenOptions, "onProgress" | "signal"> & { readonly cacheDirectory: string };

/**
 * Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017; MIT licence): 60,000 + 10,000 grey images of 28×28 in ten classes.
 * From the cache, else from Debian's package `dataset-fashion-mnist`, else downloaded and verified by SHA-256.
 * @throws RegnetError with the remedies when none of these has it
 */
export async function fashionMnistSource(options: Options, { debian, address } = PLACES): Promise<Source> {
  const downloads = join(options.cacheDirectory, "downloads", "fashion-mnist");
  const fetched = () => writingCache(options.cacheDirectory, () => download(address, downloads, options));
  const directory = (await firstComplete([downloads, debian])) ?? (await fetched());
  return idxFolderSource(directory, findIdxPairs(FILES.map(({ name }) => name)), {
    classes: CLASSES,
    name: "fashion-mnist",
  });
}

async function firstComplete(directories: readonly string[]): Promise<string | undefined> {
  for (const directory of directories) {
    const present = new Set(await readdir(directory).catch(() => []));
    if (FILES.every(({ name }) => present.has(name))) return directory;
  }
  return undefined;
}

async function download(address: string, directory: string, options: Options): Promise<string> {
  await mkdir(directory, { recursive: true });
  let done = 0;
  for (const file of FILES) {
    const bytes = await fetchFile(address + file.name, options.signal).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      throw unreachable(error);
    });
    await verify(bytes, file);
    await writeAtomically(join(directory, file.name), bytes);
    done += bytes.length;
    options.onProgress?.({ phase: "download", done });
  }
  return directory;
}

async function fetchFile(address: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const timeout = AbortSignal.timeout(DOWNLOAD_MILLISECONDS);
  const response = await fetch(address, { signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
  if (!response.ok || !response.body) throw new Error(`${address}: HTTP status ${response.status}`);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_DOWNLOAD_BYTES) throw new Error(`${address}: more than ${MAX_DOWNLOAD_BYTES / 2 ** 20} MB`);
  }
  return Buffer.concat(chunks);
}

/** @throws RegnetError when the content is not the published one */
async function verify(compressed: Uint8Array, { name, sha256, bytes }: RemoteFile): Promise<void> {
  const content = await promisify(gunzip)(compressed, { maxOutputLength: bytes + 1 }).catch(() => new Uint8Array(0));
  if (createHash("sha256").update(content).digest("hex") !== sha256) {
    throw new RegnetError(
      `corrupt download "${name}": its SHA-256 is not the published file's; try again`,
      "corrupt",
      name,
    );
  }
}

async function writeAtomically(path: string, content: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, "wx");
    await file.writeFile(content);
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

function unreachable(error: unknown): RegnetError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RegnetError(
    `missing data set "fashion-mnist": it is not in the cache, and the download failed (${reason}); on Debian: ` +
      `apt install dataset-fashion-mnist; or open a folder with its four IDX files; or use "shapes", which needs nothing`,
    "missing",
    "fashion-mnist",
  );
}
