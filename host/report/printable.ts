// Texts that may come from a microcode or a file: nothing in them may move the cursor or colour the screen.

/** The same value with every control character but the newline replaced, in all of its texts. */
export function printable<T>(value: T): T {
  if (typeof value === 'string') return value.replace(/[\p{Cc}\u2028\u2029]/gu, (c) => (c === '\n' ? c : '\ufffd')) as T
  if (Array.isArray(value)) return value.map(printable) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, printable(inner)])) as T
}
