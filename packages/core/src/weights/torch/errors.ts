import { RegnetError } from "../../errors.js";

/** A PyTorch file that is not what it should be. */
export function corrupt(detail: string): RegnetError {
  return new RegnetError(`corrupt PyTorch file: ${detail}`, "corrupt");
}

/** A PyTorch file that holds what this reader does not take. */
export function unsupported(detail: string): RegnetError {
  return new RegnetError(`unsupported PyTorch file: ${detail}`, "unsupported");
}

/** Text from the file, short and on one line. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 97)}...` : text);
}
