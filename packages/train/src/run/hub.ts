import { invalid, missing, RegnetError } from "@regnet/core";

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

export interface DownloadedWeights {
  /** The source with the file that was chosen. */
  readonly name: string;
  /** A .safetensors file or one of torch.save, for `readWeights` of core. */
  readonly bytes: Uint8Array;
}

/**
 * Fetches the weights of a public repository by @huggingface/hub.
 *
 * @param hubUrl another server with the same interface; default `$HF_ENDPOINT`, if set
 * @throws RegnetError when the package, the repository or its weights are missing
 */
export async function downloadWeights(source: string, hubUrl = process.env.HF_ENDPOINT): Promise<DownloadedWeights> {
  const [repo, revision] = source.slice(PREFIX.length).split("@");
  if (!/^[\w.-]+\/[\w.-]+$/.test(repo)) throw invalid("hub name", source, "hf:owner/name or hf:owner/name@revision");
  const hub = await loadHub();
  try {
    return await download(hub, source, { repo, revision, hubUrl });
  } catch (error) {
    throw explained(error, source);
  }
}

async function download(hub: Hub, source: string, options: HubOptions): Promise<DownloadedWeights> {
  const files: RepositoryFile[] = [];
  for await (const { type, path, size } of hub.listFiles(options)) if (type === "file") files.push({ path, size });
  const { path } = choose(files, source);
  const blob = await hub.downloadFile({ ...options, path });
  if (!blob) throw missing(`${path} in ${source}`);
  return { name: `${source}/${path}`, bytes: new Uint8Array(await blob.arrayBuffer()) };
}

interface RepositoryFile {
  readonly path: string;
  readonly size: number;
}

function choose(files: readonly RepositoryFile[], source: string): RepositoryFile {
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
function explained(error: unknown, source: string): unknown {
  if (!(error instanceof Error) || error instanceof RegnetError) return error;
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return missing(
    `${source} (${error.message}${cause})`,
    "check the name and the connection, or give a downloaded file",
  );
}
