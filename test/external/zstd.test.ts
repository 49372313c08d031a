// The frames of zstd's own tool, unpacked here: at all its levels, and broken in every byte.

import { spawnSync } from 'node:child_process'
import { describe, expect, it, type TestContext } from 'vitest'
import { unpackZstd } from '../../host/formats/zstd/unpackZstd'
import { ZstdError } from '../../host/formats/zstd/zstdError'
import { RandomStream } from '../../host/sim/random'
import { requireTool } from './tools'

function pack(ctx: TestContext, content: Uint8Array, ...options: readonly string[]): Buffer {
  const { status, stdout } = spawnSync(requireTool(ctx, 'zstd'), ['-q', '-c', ...options], { input: content })
  expect(status).toBe(0)
  return stdout
}

/** Words that come again, numbers, noise, and long runs. */
function sample(bytes: number, seed: number): Buffer {
  const random = RandomStream.fromSeed(seed, 'sample')
  const words = Array.from({ length: 50 }, () => `${random.nextU32().toString(36)} `)
  const parts: Buffer[] = []
  for (let length = 0; length < bytes; length += parts.at(-1)!.length) {
    const kind = random.nextU32() % 8
    const count = 1 + (random.nextU32() % 300)
    if (kind === 0) parts.push(Buffer.alloc(count * 10, kind))
    else if (kind === 1) parts.push(Buffer.from(Array.from({ length: count }, () => random.nextU32() & 255)))
    else parts.push(Buffer.from(words[random.nextU32() % words.length]!.repeat(1 + (random.nextU32() % 2))))
  }
  return Buffer.concat(parts).subarray(0, bytes)
}

describe('a frame of zstd', () => {
  it.for([0, 1, 300, 70_000, 2 << 20])('of %i bytes gives what was packed, at all levels', (bytes, ctx) => {
    for (const level of ['--fast=5', '-1', '-3', '-9', '-15', '-19']) {
      for (const checksum of ['--check', '--no-check']) {
        const content = sample(bytes, bytes + level.length)
        const packed = pack(ctx, content, level, checksum)
        expect(Buffer.from(unpackZstd(packed, bytes)).equals(content)).toBe(true)
      }
    }
  })

  it('with any changed byte, or cut off anywhere, is refused, or gives the same', (ctx) => {
    const content = sample(5000, 3)
    for (const level of ['-1', '-19']) {
      const packed = pack(ctx, content, level, '--check')
      for (let at = 0; at < packed.length; at++) {
        const broken = Buffer.from(packed)
        broken[at]! ^= 1 << (at % 8)
        for (const bytes of [broken, packed.subarray(0, at)]) {
          try {
            expect(Buffer.from(unpackZstd(bytes, content.length)).equals(content)).toBe(true)
          } catch (error) {
            expect(error).toBeInstanceOf(ZstdError)
          }
        }
      }
    }
  })
})
