/** Lines on the canvas: whether they cross each other or a rectangle. */

import type { Point } from "./edits";

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** Whether two lines of straight pieces cross. */
export function cross(one: readonly Point[], other: readonly Point[]): boolean {
  return pieces(one).some(([a, b]) => pieces(other).some(([c, d]) => piecesCross(a, b, c, d)));
}

/** Whether a line passes through a rectangle. */
export function passesThrough(line: readonly Point[], box: Box): boolean {
  const right = box.x + box.width;
  const bottom = box.y + box.height;
  const inside = ({ x, y }: Point) => x >= box.x && x <= right && y >= box.y && y <= bottom;
  const border = [
    { x: box.x, y: box.y },
    { x: right, y: box.y },
    { x: right, y: bottom },
    { x: box.x, y: bottom },
    { x: box.x, y: box.y },
  ];
  return line.some(inside) || cross(line, border);
}

export function middleOf(box: Box): Point {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** How far a point is from a line of straight pieces. */
export function distanceTo(point: Point, line: readonly Point[]): number {
  return Math.min(Infinity, ...pieces(line).map(([a, b]) => distanceToPiece(point, a, b)));
}

function pieces(line: readonly Point[]): [Point, Point][] {
  return line.slice(1).map((to, place) => [line[place] as Point, to]);
}

function piecesCross(a: Point, b: Point, c: Point, d: Point): boolean {
  const apart = side(a, b, c) * side(a, b, d) < 0;
  return apart && side(c, d, a) * side(c, d, b) < 0;
}

/** Positive on one side of a line, negative on the other. */
function side(a: Point, b: Point, point: Point): number {
  return (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x);
}

function distanceToPiece(point: Point, a: Point, b: Point): number {
  const length = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
  const along = ((point.x - a.x) * (b.x - a.x) + (point.y - a.y) * (b.y - a.y)) / (length || 1);
  const t = Math.max(0, Math.min(1, along));
  return Math.hypot(point.x - a.x - t * (b.x - a.x), point.y - a.y - t * (b.y - a.y));
}
