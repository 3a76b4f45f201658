import fc from "fast-check";

/** How a good text frame is spoiled. */
interface Damage {
  readonly kind: "delete" | "insert" | "replace" | "repeat" | "cut";
  readonly at: number;
  readonly text: string;
}

const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom("delete", "insert", "replace", "repeat", "cut"),
  at: fc.nat(200),
  text: fc.oneof(
    fc.constantFrom(
      '"',
      "[",
      "]",
      "{",
      "}",
      ",",
      ":",
      "\\",
      "null",
      "__proto__",
      "\u0000",
      "1e999",
    ),
    fc.string({ unit: "binary", maxLength: 3 }),
  ),
});

/** Good frames, good frames that were damaged in a few places, and text that never was a frame. */
export function frames(good: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const damaged = fc
    .tuple(good, fc.array(damage, { minLength: 1, maxLength: 3 }))
    .map(([text, damages]) => damages.reduce(spoil, text));
  return fc.oneof(
    { arbitrary: good, weight: 2 },
    { arbitrary: damaged, weight: 3 },
    { arbitrary: fc.oneof(fc.json(), fc.string({ unit: "binary" })), weight: 1 },
  );
}

/** Names that programs tend to stumble over, and ordinary ones. */
export const oddName: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "", "phoenix", "a:b", "*", "x".repeat(256), "\u0007"),
  fc.constantFrom<unknown>(null, 5, true, [], {}, ["a"]),
  fc.string({ maxLength: 8 }),
);

function spoil(text: string, { kind, at, text: bit }: Damage): string {
  const place = text.length === 0 ? 0 : at % text.length;
  const before = text.slice(0, place);
  const after = text.slice(place);
  if (kind === "delete") return before + after.slice(1 + (at % 4));
  if (kind === "insert") return before + bit + after;
  if (kind === "replace") return before + bit + after.slice(bit.length);
  if (kind === "repeat") return before + after + after;
  return before;
}
