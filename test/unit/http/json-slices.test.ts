import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { itemTexts, memberText } from "../../../server/http/json-slices.ts";

const space = fc.string({ unit: fc.constantFrom(" ", "\t", "\n", "\r"), maxLength: 2 });
const characters = ["a", "p", '\\"', "\\\\", "\\u0061", "\\n", "\\ud83d", "é", "😀", ..."{}[],:/ "];
const string = fc
  .array(fc.constantFrom(...characters), { maxLength: 6 })
  .map((parts) => `"${parts.join("")}"`);
const scalar = fc.oneof(
  fc.constantFrom("0", "-0.0", "1.0", "1E5", "9007199254740993", "true", "false", "null"),
  string,
);
/** Node 24 (V8 13.6) reads `{"x":1,"\\u0061":2}` wrongly once it has read a key that has a backslash. */
const hasBackslash = (quoted: string): boolean => JSON.parse(quoted).includes("\\");
const key = fc.oneof(
  fc.constantFrom('"a"', '"\\u0061"', '"p\\u0061yload"', '"payload"', '"__proto__"', '""'),
  string.filter((quoted) => !hasBackslash(quoted)),
);

/** No interface: fast-check wants a record. */
type Texts = {
  readonly value: string;
  readonly array: string;
  readonly object: string;
};
interface Member {
  readonly key: string;
  readonly value: string;
}

const spaced = (text: fc.Arbitrary<string>) =>
  fc.tuple(space, text, space).map((it) => it.join(""));
const join = (open: string, items: readonly string[], close: string, inside: string): string =>
  items.length === 0 ? `${open}${inside}${close}` : `${open}${items.join(",")}${close}`;

const { value, array, object } = fc.letrec<Texts>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, scalar, tie("array"), tie("object")),
  array: fc
    .tuple(fc.array(spaced(tie("value")), { maxLength: 4 }), space)
    .map(([items, inside]) => join("[", items, "]", inside)),
  object: fc
    .tuple(
      fc.array(
        fc.tuple(spaced(key), spaced(tie("value"))).map((it) => it.join(":")),
        { maxLength: 4 },
      ),
      space,
    )
    .map(([members, inside]) => join("{", members, "}", inside)),
}));

function ownMember(text: string, name: string): unknown {
  const parsed: object = JSON.parse(text);
  return Object.getOwnPropertyDescriptor(parsed, name)?.value;
}

describe("the text of a member", () => {
  it("says what JSON.parse says, and is missing where JSON.parse finds nothing", () => {
    fc.assert(
      fc.property(spaced(object), key, (text, quoted) => {
        const name: string = JSON.parse(quoted);
        const found = memberText(text, name);
        expect(found === undefined ? undefined : JSON.parse(found)).toEqual(ownMember(text, name));
        expect(found).toBe(found?.trim());
      }),
      { numRuns: 3000 },
    );
  });

  it("is the last of its name, to the byte, whatever is around it", () => {
    const members = fc.array(fc.record<Member>({ key: spaced(key), value }), { minLength: 1 });
    fc.assert(
      fc.property(members, space, (list, around) => {
        const texts = list.map((it) => `${it.key}:${around}${it.value}${around}`);
        const text = `{${texts.join(",")}}`;
        for (const { key: quoted } of list) {
          const name: unknown = JSON.parse(quoted);
          const last = list.findLast((member) => JSON.parse(member.key) === name);
          expect(memberText(text, String(name))).toBe(last?.value);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['{"payload":1,"payload": 2.0 }', "2.0"],
    ['{"payload":1,"p\\u0061yload":[ 2 ]}', "[ 2 ]"],
    ['{"x":{"payload":1}}', undefined],
    ['{"x":"\\"payload\\":1"}', undefined],
    ['{"payload":"\\\\"}', '"\\\\"'],
    [' { "payload" : null } ', "null"],
    ["{}", undefined],
  ])("of %s is %s", (text, expected) => {
    expect(memberText(text, "payload")).toBe(expected);
  });

  it("may be nested as deeply as JSON.parse takes it", () => {
    const deep = "[".repeat(200_000) + "]".repeat(200_000);
    expect(memberText(`{"a":${deep}, "payload":7}`, "payload")).toBe("7");
    expect(memberText(`{"payload":${deep}}`, "payload")).toBe(deep);
  });
});

describe("the texts of items", () => {
  it("say what JSON.parse says", () => {
    fc.assert(
      fc.property(spaced(array), (text) => {
        expect(itemTexts(text).map((item) => JSON.parse(item))).toEqual(JSON.parse(text));
      }),
      { numRuns: 3000 },
    );
  });

  it("are the bytes that stand there", () => {
    const items = fc.array(fc.tuple(space, value, space));
    fc.assert(
      fc.property(items, (list) => {
        const text = `[${list.map((it) => it.join("")).join(",")}]`;
        expect(itemTexts(text)).toEqual(list.map(([, item]) => item));
      }),
    );
  });

  it.each([
    ["[]", []],
    [" [ ] ", []],
    ['[1.0 , "]" ,[ 2],{"a" :3}]', ["1.0", '"]"', "[ 2]", '{"a" :3}']],
  ])("of %s are %j", (text, expected) => {
    expect(itemTexts(text)).toEqual(expected);
  });
});
