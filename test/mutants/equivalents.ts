// Mutants that do what the mirror does, as far as anybody outside may rely on it: equivalent.json, found out by hand, each with the
// reason. They are known by the text of their line, not by its number or by offsets, so that an edit elsewhere changes nothing.
import type { Mutant, MutantKind } from './mutate'

export interface Equivalent {
  /** `assembly/mirror/write.ts` */
  readonly file: string
  /** The source line, without the blanks around it. */
  readonly text: string
  readonly kind: MutantKind
  /** Of the mutant, where not every change of that kind on the line is equivalent. */
  readonly detail?: string
  /** End of the function's name, where the line is inlined and the reason holds in one place only. */
  readonly within?: string
  /** `1 of 2`: which of those that the function has of it, in the order of the code. Where there is another number of them, it is none. */
  readonly nth?: string
  readonly why: string
}

/** Why it is equivalent, or null. */
export function equivalenceOf(
  { kind, detail, functionName }: Mutant,
  line: string,
  text: string,
  equivalents: readonly Equivalent[],
  nth = '1 of 1',
): string | null {
  const found = equivalents.find(
    (known) =>
      known.kind === kind &&
      known.text === text &&
      line.startsWith(`${known.file}:`) &&
      (known.detail ?? detail) === detail &&
      (functionName ?? '').endsWith(known.within ?? '') &&
      (known.nth ?? nth) === nth,
  )
  return found?.why ?? null
}
