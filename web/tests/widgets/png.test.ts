// @vitest-environment node
import { describe, expect, it } from "vitest";
import { decodePng, encodePng } from "../../src/widgets/mask/png";

function noise(width: number, height: number) {
  let state = 7;
  const data = Uint8ClampedArray.from({ length: width * height * 4 }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state >> 8;
  });
  return { width, height, data };
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer());
}

describe("PNG", () => {
  it.each([
    [1, 1],
    [7, 5],
    [64, 33],
  ])("of %i x %i comes back with the colours under what is transparent", async (width, height) => {
    const picture = noise(width, height);
    for (let at = 3; at < picture.data.length; at += 8) picture.data[at] = 0;

    expect(await decodePng(await bytesOf(await encodePng(picture)))).toEqual(picture);
  });

  it("is left to the browser where it is another kind, or damaged", async () => {
    const bytes = await bytesOf(await encodePng(noise(4, 4)));
    const gray = bytes.slice();
    gray[25] = 0;
    expect(await decodePng(gray)).toBeUndefined();
    expect(await decodePng(bytes.slice(0, 40))).toBeUndefined();
    expect(await decodePng(new Uint8Array([1, 2, 3]))).toBeUndefined();
    const torn = bytes.slice();
    torn.fill(255, 45, 60);
    expect(await decodePng(torn)).toBeUndefined();
  });
});
