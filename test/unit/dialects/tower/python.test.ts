import { describe, expect, it } from "vitest";
import { pythonJson } from "../../../../server/dialects/tower/python-json.ts";
import { pythonNumber } from "../../../../server/dialects/tower/python-number.ts";

describe("a number of JSON text, as Python's str shows it,", () => {
  it.each([
    ["0", "0"],
    ["-0", "0"],
    ["42", "42"],
    ["-7", "-7"],
    ["9007199254740993", "9007199254740993"],
    ["123456789012345678901234567890", "123456789012345678901234567890"],
    ["3.0", "3.0"],
    ["1.5", "1.5"],
    ["-0.0", "-0.0"],
    ["0.5", "0.5"],
    ["1e3", "1000.0"],
    ["1.25E+2", "125.0"],
    ["123456789012345.678", "123456789012345.67"],
    ["9999999999999998.0", "9999999999999998.0"],
    ["1e16", "1e+16"],
    ["1.5e300", "1.5e+300"],
    ["0.0001", "0.0001"],
    ["0.00012", "0.00012"],
    ["0.00001", "1e-05"],
    ["1.2e-7", "1.2e-07"],
    ["1e400", "inf"],
    ["-1e400", "-inf"],
  ])("of %s is %s", (text, expected) => {
    expect(pythonNumber(text)).toBe(expected);
  });
});

describe("JSON text as Python writes it", () => {
  it.each([
    [{ accept: true, user: 1 }, '{"accept": true, "user": 1}'],
    [{ accept: true, user: null }, '{"accept": true, "user": null}'],
    [{ a: [], b: ["x", "y"] }, '{"a": [], "b": ["x", "y"]}'],
    [{}, "{}"],
    ["hé ☃ 🤖 \u007f", '"h\\u00e9 \\u2603 \\ud83e\\udd16 \\u007f"'],
    ['\n\t\b\f\r\u0001"\\', '"\\n\\t\\b\\f\\r\\u0001\\"\\\\"'],
  ])("of %j is %s", (value, expected) => {
    expect(pythonJson(value)).toBe(expected);
  });
});
