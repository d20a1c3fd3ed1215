import { missing, type RegnetError } from "@regnet/core";

/** What is used of @huggingface/hub, which is installed only where it is wanted. */
interface Hub {
  listFiles(options: HubOptions): AsyncIterable<{ type: string; path: string; size: number }>;
  downloadFile(options: HubOptions & { path: string }): Promise<Blob | null>;
}

interface HubOptions {
  readonly repo: string;
  readonly revision?: string;
  readonly hubUrl?: string;
}

const PACKAGE = "@huggingface/hub";
const PREFIX = "hf:";
const LIMIT = 2 ** 31;

/** Files that hold the weights of a repository, best first. */
const PREFERRED = [/^model\.safetensors$/, /\.safetensors$/, /^pytorch_model\.bin$/, /\.(?:pth|pyth|pt|bin)$/];

/** Whether a source names a repository of the hub: `hf:owner/name` or `hf:owner/name@revision`. */
export function isHubName(source: string): boolean {
  return source.startsWith(PREFIX);
}

/** The bytes of a repository's weights. @throws RegnetError when the package, the repository or weights are missing */
export async function downloadWeights(source: string, hub?: Hub): Promise<{ name: string; bytes: Uint8Array }> {
  const { listFiles, downloadFile } = hub ?? (await loadHub());
  const [repo, revision] = source.slice(PREFIX.length).split("@");
  const options: HubOptions = { repo, revision, hubUrl: process.env.HF_ENDPOINT };
  const files: { path: string; size: number }[] = [];
  try {
    for await (const { type, path, size } of listFiles(options)) if (type === "file") files.push({ path, size });
    const chosen = choose(files, source);
    const blob = await downloadFile({ ...options, path: chosen.path });
    if (!blob) throw missing(`${chosen.path} in ${source}`);
    return { name: `${source}/${chosen.path}`, bytes: new Uint8Array(await blob.arrayBuffer()) };
  } catch (error) {
    throw explained(error, source);
  }
}

function choose(files: readonly { path: string; size: number }[], source: string): { path: string; size: number } {
  const found = PREFERRED.map((pattern) => files.find(({ path }) => pattern.test(path))).find(Boolean);
  if (!found) throw missing(`weights in ${source}`, "it has no .safetensors, .bin or .pth file");
  if (found.size >= LIMIT) throw missing(`weights of a usable size in ${source}`, `${found.path} is larger than 2 GiB`);
  return found;
}

async function loadHub(): Promise<Hub> {
  try {
    return (await import(PACKAGE)) as Hub;
  } catch {
    throw missing(PACKAGE, `it fetches networks by name; run: npm install ${PACKAGE}`);
  }
}

/** Network errors come in many forms; what failed and where is what a user needs. */
function explained(error: unknown, source: string): RegnetError | unknown {
  if (!(error instanceof Error) || error.name === "RegnetError") return error;
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return missing(
    `${source} (${error.message}${cause})`,
    "check the name and the connection, or give a downloaded file",
  );
}
