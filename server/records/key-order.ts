const SURROGATE = /[\ud800-\udfff]/;

/**
 * Compares two keys as Redis does, by their bytes in UTF-8.
 *
 * @returns less than 0, 0 or more than 0, as `Array.sort` wants it
 */
export function compareKeys(left: string, right: string): number {
  if (left === right) return 0;
  // Only characters outside the BMP come elsewhere in UTF-16.
  if (SURROGATE.test(left) || SURROGATE.test(right)) {
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  }
  return left < right ? -1 : 1;
}
