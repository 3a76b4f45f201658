/** A name in camel case: `get_rooms` → `getRooms`. */
export type CamelCase<Name> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** The members of a type under their names in camel case. */
export type CamelCased<Type> = { [Name in keyof Type as CamelCase<Name>]: Type[Name] };

/** Writes a name in camel case. */
export function camelCase(name: string): string {
  return name.replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase());
}
