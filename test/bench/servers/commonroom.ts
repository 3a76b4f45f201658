import { PAYLOAD } from "../load.ts";
import { startCommonroom } from "./start-commonroom.ts";

await startCommonroom(() => PAYLOAD);
