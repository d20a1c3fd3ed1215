import { createKernels } from "./kernels.js";

const PAGE = 65_536;
/** Kernels read and write as many bytes past an image. */
const MARGIN = 16;

/**
 * An image being augmented: square planes of bytes, C×side×side, with a second buffer for ops that cannot work in place.
 * Both are in the kernels' memory.
 */
export class Canvas {
  data = new Uint8ClampedArray();
  /** As large as `data`, of no particular content. */
  spare = new Uint8ClampedArray();
  /** Pixels of one plane. */
  readonly area: number;
  readonly kernels = createKernels();
  /** Bytes from the start of one buffer to that of the next. */
  private readonly room: number;

  constructor(
    readonly channels: 1 | 3,
    readonly side: number,
    /** The colour of what lies beyond the image, one byte a channel. */
    readonly fill: readonly number[],
  ) {
    this.area = side * side;
    this.room = Math.ceil((channels * this.area) / MARGIN + 1) * MARGIN;
    this.reserve(0);
  }

  /** Where the image is in the kernels' memory. */
  get address(): number {
    return this.data.byteOffset;
  }

  /** Makes what was written to `spare` the image. */
  swap(): void {
    [this.data, this.spare] = [this.spare, this.data];
  }

  /**
   * Memory for a kernel, until the next call. `data` and `spare` may become other views of the same image.
   * @returns its address, divisible by 16
   */
  reserve(bytes: number): number {
    const { memory } = this.kernels;
    const address = 2 * this.room;
    const lacking = address + bytes - memory.buffer.byteLength;
    if (lacking > 0) {
      // Growing empties the views that there are, and their addresses with them.
      const image = this.address;
      memory.grow(Math.ceil(lacking / PAGE));
      this.data = this.view(image);
      this.spare = this.view(this.room - image);
    }
    return address;
  }

  private view(address: number): Uint8ClampedArray<ArrayBuffer> {
    return new Uint8ClampedArray(this.kernels.memory.buffer, address, this.channels * this.area);
  }
}
