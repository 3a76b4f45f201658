import { JsonText } from "../../json-text.ts";

/**
 * Text that is not JSON. Tower clients get it as it is, and all others as a JSON string.
 */
export class VerbatimText extends JsonText {
  /** What Tower clients get. */
  readonly verbatim: string;

  constructor(verbatim: string) {
    super(JSON.stringify(verbatim));
    this.verbatim = verbatim;
  }
}
