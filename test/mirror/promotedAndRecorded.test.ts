// A spare has become complete, and the other member hangs before that is recorded anywhere: whatever power cut follows, the mark of a write
// must not be on a member alone whose word does not count yet.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { runText } from '../support/runText'

const mirror = new Uint8Array(readFileSync(new URL('../../build/mirror.wasm', import.meta.url)))

const scenario = (crashPoint: number): string => `
name: promoted
array: { members: 2, spares: 1, bays: 3, driveCapacity: 640 KiB, assumeClean: on, bitmapChunk: 64 KiB, commandDeadline: 40 ms, bitmapSweep: 100 ms, checkpoint: 64 KiB, dataOffset: 128 KiB, discovery: 60 ms }
drives: { model: { name: ideal, parameters: "channels=1,readNs=20000,writeNs=20000,flushNs=40000" }, volatileCache: on }
workload: [ { operations: { depth: 2, wrap: on, list: [ write 289+2, write 383+1, write 1+8, write 1+2, write 735+8, write 382+1, write 974+8, wait 45 ms, write 170+128 ] } } ]
faults:
  - { hang: { bay: 1, duration: 400 ms }, after: { event: drive-write, n: 63 } }
  - { operator-detach: { bay: 0 }, at: 1 ms }
  - { power-cut: { tearSector: off, final: on, duration: 1 s, keeps: {}, nvramKeeps: none }, after: { event: crash-point, n: ${crashPoint} } }
`

it('a member that has just become complete takes no write before that is recorded', () => {
  const broken: string[] = []
  for (let crashPoint = 120; crashPoint <= 180; crashPoint++) {
    const { verdict } = runText(scenario(crashPoint), mirror, { seed: 4286727572 })
    if (verdict.verdict !== 'pass') broken.push(`${crashPoint}: ${verdict.verdict}`)
  }
  expect(broken).toEqual([])
})
