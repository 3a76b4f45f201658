import { JsonText } from "../../../server/json-text.ts";
import { PAYLOAD } from "../load.ts";
import { startCommonroom } from "./start-commonroom.ts";

// A backend's message is read once for each that arrives, so a new text for each publish.
await startCommonroom(() => new JsonText(JSON.stringify(PAYLOAD)));
