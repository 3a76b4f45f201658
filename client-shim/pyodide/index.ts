export { installInto, type PyodideLike } from "./install.ts";
