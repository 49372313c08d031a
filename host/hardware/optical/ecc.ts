// The parities of a CD sector (ECMA-130, annex A): a product code of Reed-Solomon codes over GF(2^8), x^8 + x^4 + x^3 + x^2 + 1, each with
// two parity bytes; the roots are 1 and a.
//
// Bytes 12 to 2351 are two planes, even and odd bytes, of a table that is 43 wide. P runs down its columns: 24 bytes, 2 parities. Q runs
// along its diagonals, over data and P: 43 bytes, 2 parities.

const FIRST = 12
const P_PARITY = 2076
const Q_PARITY = 2248

/** Times a. */
const TIMES = Uint8Array.from({ length: 256 }, (_, value) => (value << 1) ^ (value & 0x80 ? 0x11d : 0))

/** Divided by 1 + a: what each product was made from. */
const DIVIDED = new Uint8Array(256)
for (let value = 0; value < 256; value++) DIVIDED[TIMES[value]! ^ value] = value

interface Code {
  readonly words: number
  readonly wordBytes: number
  /** From a byte of a word to the next one, in an area that goes round at `areaBytes`. */
  readonly stepBytes: number
  readonly areaBytes: number
  readonly firstOf: (word: number) => number
  readonly parity: number
}

const P: Code = { words: 86, wordBytes: 24, stepBytes: 86, areaBytes: 2064, firstOf: (word) => word, parity: P_PARITY }
const Q: Code = {
  words: 52,
  wordBytes: 43,
  stepBytes: 88,
  areaBytes: 2236,
  firstOf: (word) => (word >> 1) * 86 + (word & 1),
  parity: Q_PARITY,
}

/** Writes both parities of a sector. What is in bytes 12 to 2075 counts. */
export function putEcc(sector: Uint8Array): void {
  for (const code of [P, Q]) {
    forParities(sector, code, (at, first, second) => {
      sector[at] = first
      sector[at + code.words] = second
      return true
    })
  }
}

/** Whether both parities are right. */
export function eccIsRight(sector: Uint8Array): boolean {
  return [P, Q].every((code) =>
    forParities(sector, code, (at, first, second) => sector[at] === first && sector[at + code.words] === second),
  )
}

/** Computes the parities of every word of a code, until `use` says that it is enough. */
function forParities(
  sector: Uint8Array,
  code: Code,
  use: (at: number, first: number, second: number) => boolean,
): boolean {
  const { words, wordBytes, stepBytes, areaBytes } = code
  for (let word = 0; word < words; word++) {
    // The word is a polynomial, its first byte with the highest power; parities have the powers 1 and 0. At x = 1 it is the sum of all bytes.
    let atOne = 0
    let atA = 0
    let offset = code.firstOf(word)
    for (let index = 0; index < wordBytes; index++) {
      const byte = sector[FIRST + offset]!
      atOne ^= byte
      atA = TIMES[atA]! ^ byte
      offset += stepBytes
      if (offset >= areaBytes) offset -= areaBytes
    }
    atA = TIMES[TIMES[atA]!]!
    const first = DIVIDED[atOne ^ atA]!
    if (!use(code.parity + word, first, first ^ atOne)) return false
  }
  return true
}
