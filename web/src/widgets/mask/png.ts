/**
 * PNG of 8-bit RGBA, written and read here: a browser's canvas forgets the colours under what is
 * transparent, and under a mask they are what counts.
 */

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** RGBA, row by row, not multiplied by alpha. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const DEPTH = 8;
const RGBA = 6;
const PAETH = 4;

export async function encodePng({ width, height, data }: Pixels): Promise<Blob> {
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  head.set([DEPTH, RGBA, 0, 0, 0], 8);
  const packed = await through(filtered(data, width, height), new CompressionStream("deflate"));
  const parts = [
    new Uint8Array(SIGNATURE),
    chunk("IHDR", head),
    chunk("IDAT", packed),
    chunk("IEND", new Uint8Array()),
  ];
  return new Blob(parts, { type: "image/png" });
}

/** Undefined where it is no PNG of this kind, or is damaged. */
export async function decodePng(bytes: Uint8Array<ArrayBuffer>): Promise<Pixels | undefined> {
  const found = chunksOf(bytes);
  const head = found?.head;
  if (head === undefined || head.length !== 13) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  if (head[8] !== DEPTH || head[9] !== RGBA || head[12] !== 0) return undefined;
  try {
    const packed = new Uint8Array(await new Blob(found?.body).arrayBuffer());
    const rows = await through(packed, new DecompressionStream("deflate"));
    if (rows.length !== height * (width * 4 + 1)) return undefined;
    return { width, height, data: unfiltered(rows, width, height) };
  } catch {
    return undefined;
  }
}

function chunksOf(bytes: Uint8Array<ArrayBuffer>) {
  if (!SIGNATURE.every((byte, at) => bytes[at] === byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const body: Uint8Array<ArrayBuffer>[] = [];
  let head: Uint8Array<ArrayBuffer> | undefined;
  for (let at = SIGNATURE.length; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const content = bytes.subarray(at + 8, at + 8 + length);
    if (name === "IHDR") head = content;
    if (name === "IDAT") body.push(content);
    at += 12 + length;
  }
  return { head, body };
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const piped = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(piped).arrayBuffer());
}

function filtered(data: Uint8ClampedArray, width: number, height: number): Uint8Array<ArrayBuffer> {
  const row = width * 4;
  const made = new Uint8Array(height * (row + 1));
  for (let y = 0; y < height; y += 1) {
    const to = y * (row + 1);
    made[to] = PAETH;
    for (let x = 0; x < row; x += 1) {
      const at = y * row + x;
      const left = x < 4 ? 0 : (data[at - 4] ?? 0);
      const up = y === 0 ? 0 : (data[at - row] ?? 0);
      const corner = x < 4 || y === 0 ? 0 : (data[at - row - 4] ?? 0);
      made[to + 1 + x] = (data[at] ?? 0) - paeth(left, up, corner);
    }
  }
  return made;
}

function unfiltered(
  rows: Uint8Array,
  width: number,
  height: number,
): Uint8ClampedArray<ArrayBuffer> {
  const row = width * 4;
  const made = new Uint8ClampedArray(height * row);
  for (let y = 0; y < height; y += 1) {
    const from = y * (row + 1);
    const filter = rows[from] ?? 0;
    for (let x = 0; x < row; x += 1) {
      const at = y * row + x;
      const left = x < 4 ? 0 : (made[at - 4] ?? 0);
      const up = y === 0 ? 0 : (made[at - row] ?? 0);
      const corner = x < 4 || y === 0 ? 0 : (made[at - row - 4] ?? 0);
      made[at] = ((rows[from + 1 + x] ?? 0) + guess(filter, left, up, corner)) & 255;
    }
  }
  return made;
}

function guess(filter: number, left: number, up: number, corner: number): number {
  if (filter === PAETH) return paeth(left, up, corner);
  return [0, left, up, (left + up) >> 1][filter] ?? 0;
}

function paeth(left: number, up: number, corner: number): number {
  const base = left + up - corner;
  const [a, b, c] = [Math.abs(base - left), Math.abs(base - up), Math.abs(base - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function chunk(name: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(12 + content.length);
  const view = new DataView(made.buffer);
  view.setUint32(0, content.length);
  for (let at = 0; at < 4; at += 1) made[4 + at] = name.charCodeAt(at);
  made.set(content, 8);
  view.setUint32(8 + content.length, crc(made.subarray(4, 8 + content.length)));
  return made;
}

const CRCS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

function crc(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (CRCS[(value ^ byte) & 255] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
