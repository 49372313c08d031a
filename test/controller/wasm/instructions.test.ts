// Instructions and numbers are read, and written, as the standard has them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  encodeSigned,
  encodeU32,
  Reader,
  readSections,
  UnsupportedWasm,
  writeSections,
} from '../../../host/controller/wasm/binary'
import * as op from '../../../host/controller/wasm/instructions'
import { customSection, readModule } from '../../../host/controller/wasm/moduleLayout'
import { handMade, isValid, readBuilt, WRITERS, walk } from './modules'

describe('function bodies', () => {
  it('with every way to write', () => {
    expect(walk(handMade(WRITERS))).toBeGreaterThan(80)
  })

  it('of later editions are refused, not misread', () => {
    // i8x16.relaxed_swizzle is of edition 3.
    const relaxed = () => op.readInstruction(new Reader(Uint8Array.of(0xfd, 0x80, 0x02)))
    expect(relaxed).toThrow(UnsupportedWasm)
    expect(() => op.readInstruction(new Reader(Uint8Array.of(0xfe, 0x03, 0)))).toThrow('instruction 0xfe')
    expect(() => op.readInstruction(new Reader(Uint8Array.of(op.I32_STORE, 0x42, 0, 0)))).toThrow('second memory')
    expect(() => op.readInstruction(new Reader(Uint8Array.of(op.I32_CONST, 0x80)))).toThrow('the end')
  })

  it('with vectors: constants, shuffles, lanes', () => {
    const zeros = new Array(16).fill(0)
    const constant = [0xfd, 12, ...zeros]
    const body = [...constant, ...constant, 0xfd, 13, ...zeros, 0xfd, 0x1b, 3, op.DROP]
    const vector = handMade([{ name: 'f', parameters: [], body }])
    expect(isValid(vector)).toBe(true)
    expect(walk(vector)).toBe(6)
  })

  it('with constants, labels and types as operands', () => {
    const read = (...bytes: number[]): number[] => [...op.readInstruction(new Reader(Uint8Array.from(bytes))).operands]
    expect(read(op.I32_CONST, ...encodeSigned(-2147483648))).toEqual([-2147483648])
    expect(read(0x0e, 2, 5, 6, 7)).toEqual([5, 6, 7])
    expect(read(op.BLOCK, 0x40)).toEqual([-64])
    expect(read(op.SELECT_TYPED, 1, 0x7f)).toEqual([0x7f])
    expect(read(op.I32_STORE, 2, ...encodeU32(0xffff_ffff))).toEqual([2, 0xffff_ffff])
    const constant = Uint8Array.from([op.I64_CONST, ...encodeSigned(-(2n ** 63n))])
    expect(op.constantOf(constant, op.readInstruction(new Reader(constant)))).toBe(-(2n ** 63n))
  })
})

describe('binary', () => {
  it('writes numbers that it reads again', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (small, large) => {
        expect(new Reader(Uint8Array.from(encodeU32(small))).u32()).toBe(small)
        expect(new Reader(Uint8Array.from(encodeSigned(small | 0))).s33()).toBe(small | 0)
        expect(new Reader(Uint8Array.from(encodeSigned(large))).s64()).toBe(large)
      }),
    )
  })

  it('builds the same module from its sections', () => {
    const bytes = readBuilt('mirror')
    expect(writeSections(readSections(bytes))).toEqual(bytes)
  })

  it('finds custom sections', () => {
    expect(customSection(readModule(handMade([])), 'keepsake')?.byte()).toBe(1)
    expect(customSection(readModule(readBuilt('mirror')), 'as-bind_bindings')).not.toBeNull()
    expect(customSection(readModule(handMade([])), 'name')).toBeNull()
  })
})
