const INTEGER = /^-?\d+$/;
/** Python writes numbers of this size, and those below 0.0001, with an exponent. */
const LARGE_EXPONENT = 16;
const SMALL_EXPONENT = -4;

/**
 * A number of JSON text as Python's `str` shows it: an integer digit by digit, however large, and
 * any other number as a float, so that `3.0` stays `3.0` and `1e3` becomes `1000.0`.
 *
 * @param text a number of valid JSON text
 */
export function pythonNumber(text: string): string {
  if (INTEGER.test(text)) return text === "-0" ? "0" : text;
  const value = Number(text);
  const sign = text.startsWith("-") ? "-" : "";
  return sign + (Number.isFinite(value) ? pythonFloat(Math.abs(value)) : "inf");
}

function pythonFloat(value: number): string {
  const text = value.toExponential();
  const mantissaEnd = text.indexOf("e");
  const mantissa = text.slice(0, mantissaEnd);
  const exponent = Number(text.slice(mantissaEnd + 1));
  const digits = mantissa.replace(".", "");
  if (exponent >= LARGE_EXPONENT || exponent < SMALL_EXPONENT) {
    const direction = exponent >= LARGE_EXPONENT ? "+" : "-";
    return `${mantissa}e${direction}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${whole}.${digits.slice(exponent + 1) || "0"}`;
}
