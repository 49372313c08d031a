import { describe, expect, it } from 'vitest'
import { DRIVE_MEDIUM_ERROR, DRIVE_OK, DRIVE_READ } from '../../../assembly/abi/driveSlots'
import { DriveCommand } from '../../../host/hardware/driveCommand'
import { FRAME_BYTES, ReadNoise } from '../../../host/hardware/optical/readNoise'

const RAW = 2352

/** Offsets that a read gets wrong, and those that it points at. */
function read(noise: ReadNoise, lba: number): { wrong: number[]; pointed: number[] } {
  const target = new Uint8Array(RAW + 294)
  noise.misread(lba, 1, target, 0, RAW)
  const offsets = Array.from({ length: RAW }, (_, at) => at)
  return {
    wrong: offsets.filter((at) => target[at] !== 0),
    pointed: offsets.filter((at) => ((target[RAW + (at >> 3)]! << (at & 7)) & 0x80) !== 0),
  }
}

function noiseOf(fixed: number, random: number, isDvd = false, sectorBytes = RAW): ReadNoise {
  return new ReadNoise({ seed: 4, sectorBytes, isDvd, damage: [{ lba: 100, sectors: 10, fixed, random }] })
}

function outcomeOf(noise: ReadNoise, lba: number, sectors: number): [number, number] {
  const command = new DriveCommand(0)
  Object.assign(command, { op: DRIVE_READ, lba, sectors })
  noise.begin(command)
  return [command.effect.status, command.effect.badLba]
}

describe('reads of a damaged disc', () => {
  it('are right where nothing is wrong', () => {
    expect(read(noiseOf(9, 9), 99)).toEqual({ wrong: [], pointed: [] })
    expect(read(noiseOf(9, 9), 110)).toEqual({ wrong: [], pointed: [] })
  })

  it('point at whole frames, and at every byte that is wrong', () => {
    const { wrong, pointed } = read(noiseOf(2, 3), 105)
    expect(pointed.length % FRAME_BYTES).toBe(0)
    expect(wrong.length).toBeGreaterThan(10)
    expect(wrong.length).toBeLessThan(pointed.length)
    expect(wrong.filter((at) => !pointed.includes(at))).toEqual([])
  })

  it('have the same holes each time, and noise elsewhere each time', () => {
    const holes = noiseOf(2, 0)
    expect(read(holes, 105)).toEqual(read(holes, 105))
    const noise = noiseOf(0, 2)
    expect(read(noise, 105)).not.toEqual(read(noise, 105))
    expect(read(noiseOf(0, 2), 105)).toEqual(read(noiseOf(0, 2), 105))
  })

  it('fail as a whole where the drive corrects, sometimes or always', () => {
    expect(outcomeOf(noiseOf(1, 0, false, 2048), 90, 30)).toEqual([DRIVE_MEDIUM_ERROR, 100])
    const noise = noiseOf(0, 49, false, 2048)
    const outcomes = Array.from({ length: 40 }, () => outcomeOf(noise, 103, 1)[0])
    expect(new Set(outcomes)).toEqual(new Set([DRIVE_OK, DRIVE_MEDIUM_ERROR]))
  })

  it('lose all 16 sectors of a block of a DVD to one of them', () => {
    const noise = new ReadNoise({
      seed: 1,
      sectorBytes: 2048,
      isDvd: true,
      damage: [{ lba: 1000, sectors: 1, fixed: 1, random: 0 }],
    })
    const lost = Array.from({ length: 64 }, (_, at) => 976 + at).filter(
      (lba) => outcomeOf(noise, lba, 1)[0] !== DRIVE_OK,
    )
    expect(lost).toEqual(Array.from({ length: 16 }, (_, at) => 992 + at))
  })
})
