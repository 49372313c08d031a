// The violations and findings of a run. All are counted; the first ones are kept with their story. One sector breaks one law once:
// a bad sector that is read a hundred times is one violation.

import type { Finding, Law, Violation } from './verdict'

export const VIOLATIONS_KEPT = 20
export const FINDINGS_KEPT = 50

export class Ledger {
  readonly violations: Violation[] = []
  readonly findings: Finding[] = []
  /** All violations, also those that were not kept. */
  violationCount = 0
  findingCount = 0
  readonly #seen = new Set<string>()

  /** Nothing was found. */
  clear(): void {
    this.violations.length = 0
    this.findings.length = 0
    this.violationCount = 0
    this.findingCount = 0
    this.#seen.clear()
  }

  /** Makes the violation only if it is new and there is room. */
  violate(law: Law, lba: number | null, make: () => Violation): void {
    if (lba !== null && !this.#isNew(`${law}:${lba}`)) return
    this.violationCount++
    if (this.violations.length < VIOLATIONS_KEPT) this.violations.push(make())
  }

  /** A violation that is told as part of another one. */
  countOnly(law: Law, lba: number): void {
    if (this.#isNew(`${law}:${lba}`)) this.violationCount++
  }

  /** `key`: what makes two findings the same. */
  find(key: string, timeNs: number, text: string): void {
    if (!this.#isNew(key)) return
    this.findingCount++
    if (this.findings.length < FINDINGS_KEPT) this.findings.push({ timeNs, text })
  }

  #isNew(key: string): boolean {
    if (this.#seen.has(key)) return false
    // A run in which everything fails must not fill memory with keys.
    if (this.#seen.size < 100_000) this.#seen.add(key)
    return true
  }
}
