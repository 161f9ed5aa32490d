/** The raster that things snap to. */

export const GRID: [number, number] = [10, 10];
