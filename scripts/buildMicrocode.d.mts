/** Compiles `<from>/<name>/index.ts` into the file `to`; throws with the compiler's own words. */
export function compileMicrocode(name: string, from?: string, to?: string): Promise<void>
