// "Did you mean …": the known names that are near to a mistyped one.

/** Edit distance with transpositions (restricted Damerau-Levenshtein), without regard to case. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, beforeLast[j - 2]! + 1)
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}

/** What people mistype without meaning something else: case, and `_`, `-` or blank between words. */
function normalise(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, '')
}

/** The nearest names, at most three, all equally near; none when nothing is near. */
export function nearest(name: string, known: Iterable<string>): string[] {
  const typed = normalise(name)
  if (typed === '') return []
  let bestDistance = Math.max(1, Math.floor(typed.length * 0.4)) + 1
  let best: string[] = []
  for (const candidate of known) {
    const plain = normalise(candidate)
    // A name without its prefix (`bitmap-begin` for `microcode:bitmap-begin`) is as near as a typing error.
    const suffix = typed.length >= 4 && plain.endsWith(typed)
    const distance = suffix ? Math.min(1, editDistance(typed, plain)) : editDistance(typed, plain)
    if (distance > bestDistance || (distance === bestDistance && best.length === 0)) continue
    if (distance < bestDistance) best = []
    bestDistance = distance
    best.push(candidate)
  }
  return best.slice(0, 3)
}

export function didYouMean(name: string, known: Iterable<string>): string | null {
  const names = nearest(name, known)
  return names.length === 0 ? null : `did you mean ${names.join(' or ')}?`
}
