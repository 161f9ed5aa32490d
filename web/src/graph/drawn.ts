/** Seeds that are drawn at random. */

/** In place of a seed: it is drawn when the workflow runs. */
export const RANDOM = "random";
/** What a seed is drawn below, as the server draws it: exact in every program that reads JSON. */
export const DRAWN_BELOW = 2 ** 53 - 1;

/** A seed as the server would draw it. */
export function drawSeed(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return ((high >>> 11) * 2 ** 32 + low) % DRAWN_BELOW;
}
