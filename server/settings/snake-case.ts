/** A name of the options in the settings file: `maxFrameBytes` is `max_frame_bytes`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
