import { connectByPhoenix } from "./phoenix-connection.js";
import { startView } from "./view.js";

await startView(connectByPhoenix);
