import { connectAsAwx } from "./awx-connection.js";
import { startView } from "./view.js";

await startView(connectAsAwx);
