// From a place in a module to a line of the source: reads the source map (revision 3) that the AssemblyScript compiler writes. For
// WebAssembly, all of it is one line, and its columns are offsets in the module.

interface SourceMap {
  readonly sources: readonly string[]
  readonly mappings: string
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** `assembly/mirror/write.ts:71` for an offset, or null where the map knows nothing: the compiler's own code. */
export function sourceLines(mapText: string): (offset: number) => string | null {
  const { sources, mappings } = JSON.parse(mapText) as SourceMap
  const offsets: number[] = []
  const lines: (string | null)[] = []
  let [offset, source, line] = [0, 0, 0]
  for (const segment of mappings.split(',')) {
    const [offsetStep, sourceStep, lineStep] = decodeNumbers(segment)
    offset += offsetStep
    source += sourceStep ?? 0
    line += lineStep ?? 0
    offsets.push(offset)
    lines.push(sourceStep === undefined ? null : `${sources[source]}:${line + 1}`)
  }
  return (wanted) => {
    const behind = offsets.findIndex((candidate) => candidate > wanted)
    const index = (behind < 0 ? offsets.length : behind) - 1
    return index < 0 ? null : lines[index]
  }
}

/** Base 64 digits of 5 bits, the lowest first; the sixth says that there are more. The lowest bit of the number is its sign. */
function decodeNumbers(segment: string): number[] {
  const numbers: number[] = []
  let [value, shift] = [0, 0]
  for (const letter of segment) {
    const digit = DIGITS.indexOf(letter)
    value |= (digit & 31) << shift
    shift += 5
    if (digit & 32) continue
    numbers.push(value & 1 ? -(value >>> 1) : value >>> 1)
    value = 0
    shift = 0
  }
  return numbers
}
