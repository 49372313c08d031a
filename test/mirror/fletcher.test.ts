import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { compileFixture } from '../support/compileFixture'

interface SumCode {
  readonly memory: WebAssembly.Memory
  dataAddress(): number
  sum(bytes: number): bigint
}

let code: SumCode

beforeAll(async () => {
  const module = new WebAssembly.Module(await compileFixture('sumCode'))
  code = new WebAssembly.Instance(module, { hal: {}, env: {} }).exports as unknown as SumCode
})

/** OpenZFS, zfs_fletcher.c: a sum of words, and the sum of all that it was. */
function twoSums(words: readonly bigint[]): bigint {
  let [first, second] = [0n, 0n]
  for (const word of words) {
    first = BigInt.asUintN(64, first + word)
    second = BigInt.asUintN(64, second + first)
  }
  return first ^ (BigInt.asUintN(64, second << 32n) | (second >> 32n))
}

it('the sum of data is that of their words one by one, however many there are', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt(0n, 2n ** 64n - 1n), { maxLength: 1024, size: 'max' }), (words) => {
      new BigUint64Array(code.memory.buffer, code.dataAddress(), words.length).set(words)
      expect(BigInt.asUintN(64, code.sum(words.length * 8))).toBe(twoSums(words))
    }),
  )
})
