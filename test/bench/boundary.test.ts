import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { boundaryWrites } from '../../host/bench/boundary'

describe('the bare machine of the boundary benchmark', () => {
  it('has all that a microcode may ask for, and serves writes', () => {
    const write = boundaryWrites(new Uint8Array(readFileSync(new URL('../../build/mirror.wasm', import.meta.url))))
    expect(() => write(100)).not.toThrow()
  })
})
