/** Normalisation and crop that networks published for ImageNet were evaluated with. */
export function imageNet(channels: number): {
  normalisation: { mean: number[]; std: number[] };
  crop: number;
} {
  const normalisation =
    channels === 3
      ? { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
      : { mean: Array<number>(channels).fill(0.449), std: Array<number>(channels).fill(0.226) };
  return { normalisation, crop: 0.875 };
}
