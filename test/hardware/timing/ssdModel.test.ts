import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DRIVE_FLUSH, DRIVE_READ, DRIVE_TRIM, DRIVE_VERIFY, DRIVE_WRITE } from '../../../assembly/abi/driveSlots'
import { nvme, sata } from '../../../host/hardware/timing/parameters/flash'
import { SsdModel } from '../../../host/hardware/timing/ssdModel'
import { RandomStream } from '../../../host/sim/random'

const SECTORS = 131_072
const create = () => SsdModel.create(nvme, SECTORS, 512)
/** A write of a page: command, link, channel, program. */
const WRITE_NS = nvme.commandNs + nvme.hostPageNs + nvme.channelPageNs + nvme.programNs
const READ_NS = nvme.commandNs + nvme.readNs + nvme.channelPageNs + nvme.hostPageNs

const commands = fc.array(
  fc.record({
    op: fc.constantFrom(DRIVE_READ, DRIVE_WRITE, DRIVE_WRITE, DRIVE_FLUSH, DRIVE_TRIM, DRIVE_VERIFY),
    lba: fc.nat({ max: SECTORS - 600 }),
    sectors: fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 600 })),
    gapNs: fc.nat({ max: 300_000 }),
  }),
  { minLength: 1, maxLength: 60 },
)

type Command = { op: number; lba: number; sectors: number; gapNs: number }

function replay(model: SsdModel, list: Command[], fromNs: number): number[] {
  let startNs = fromNs
  return list.map(({ op, lba, sectors, gapNs }) => {
    startNs += gapNs
    return model.serve(op, lba, sectors, startNs)
  })
}

describe('the ssd model', () => {
  it('takes as long for a page as its steps do', () => {
    const model = create()
    expect(model.serve(DRIVE_READ, 0, 8, 1000)).toBe(1000 + nvme.commandNs + nvme.hostPageNs)
    expect(model.serve(DRIVE_WRITE, 0, 8, 1e6) - 1e6).toBe(WRITE_NS)
    expect(model.serve(DRIVE_READ, 0, 8, 2e6) - 2e6).toBe(READ_NS)
    expect(model.serve(DRIVE_VERIFY, 0, 8, 3e6) - 3e6).toBe(nvme.commandNs + nvme.readNs)
    expect(model.serve(DRIVE_FLUSH, 0, 0, 4e6) - 4e6).toBe(nvme.commandNs)
  })

  it('reads the rest of a page before it writes a part of it, when there is a rest', () => {
    const model = create()
    expect(model.serve(DRIVE_WRITE, 3, 1, 0)).toBeLessThan(WRITE_NS)
    const partNs = model.serve(DRIVE_WRITE, 3, 1, 1e6) - 1e6
    expect(partNs).toBeGreaterThan(WRITE_NS)
    expect(partNs).toBeLessThanOrEqual(WRITE_NS + nvme.readNs)
  })

  it('lets dies work side by side, and a die do one thing at a time', () => {
    const model = create()
    const dies = model.ftl.shape.dies
    expect(dies).toBeGreaterThan(1)
    const apartNs = model.serve(DRIVE_WRITE, 0, dies * 8, 0)
    expect(apartNs).toBeLessThan(2 * WRITE_NS)
    const sameDie = create()
    sameDie.serve(DRIVE_WRITE, 0, 8, 0)
    expect(sameDie.serve(DRIVE_WRITE, dies * 8, 8, 0)).toBeGreaterThanOrEqual(2 * nvme.programNs)
  })

  it('uses a channel for one page at a time, also while a read waits for its die', () => {
    const model = create()
    const channelPages = 8 * model.ftl.shape.flashChannels
    model.serve(DRIVE_WRITE, 0, 8, 0)
    expect(model.serve(DRIVE_READ, 0, 8, 1e9) - 1e9).toBe(READ_NS)
    // Pages of other dies on the same channel: they cross before the page that is read does, after it has reserved its turn on the link.
    const [first, second] = [1, 2].map((i) => model.serve(DRIVE_WRITE, i * channelPages, 8, 1e9) - 1e9)
    expect(first).toBe(WRITE_NS + nvme.hostPageNs)
    expect(second).toBe(first! + nvme.channelPageNs)
  })

  it('holds a die while it copies and erases', () => {
    const model = create()
    const { ftl } = model
    const random = RandomStream.fromSeed(1, 'collect')
    let nowNs = 0
    let page = 0
    for (let i = 0; i < SECTORS && ftl.copiedPages === 0; i++) {
      page = random.below(SECTORS / 8)
      nowNs = model.serve(DRIVE_WRITE, page * 8, 8, nowNs + 1e9)
    }
    expect(ftl.copiedPages).toBeGreaterThan(0)
    const collectedNs = nowNs + ftl.copiedPages * (nvme.readNs + nvme.programNs) + ftl.erasedBlocks * nvme.eraseNs
    expect(model.serve(DRIVE_VERIFY, page * 8, 8, nowNs)).toBe(collectedNs + nvme.readNs)
  })

  it('slows down when it must collect, and no faster than its link goes', () => {
    const model = create()
    let nowNs = 0
    for (let lba = 0; lba < SECTORS; lba += 1024) nowNs = model.serve(DRIVE_WRITE, lba, 1024, nowNs)
    expect((SECTORS * 512) / nowNs).toBeLessThan(nvme.pageBytes / nvme.hostPageNs)
    const timeFor = (count: number) => {
      const fromNs = nowNs + 1e9
      for (let i = 0; i < count; i++) {
        nowNs = Math.max(nowNs, model.serve(DRIVE_WRITE, ((i * 40_503) % (SECTORS / 8)) * 8, 8, fromNs))
      }
      return (nowNs - fromNs) / count
    }
    const freshNs = timeFor(500)
    timeFor(40_000)
    expect(timeFor(5000)).toBeGreaterThan(freshNs * 2)
    expect(model.ftl.writeAmplification).toBeGreaterThan(1.5)
  })

  it('has less to copy after a trim', () => {
    const amplification = (trim: boolean) => {
      const model = create()
      for (let lba = 0; lba < SECTORS; lba += 1024) model.serve(DRIVE_WRITE, lba, 1024, 0)
      if (trim) model.serve(DRIVE_TRIM, SECTORS / 2, SECTORS / 2, 0)
      for (let i = 0; i < 60_000; i++) model.serve(DRIVE_WRITE, ((i * 40_503) % (SECTORS / 16)) * 8, 8, 0)
      return model.ftl.writeAmplification
    }
    expect(amplification(true)).toBeLessThan(amplification(false))
  })

  it('gives a clone the same times, and leaves the original as it was', () => {
    fc.assert(
      fc.property(commands, commands, commands, (before, after, other) => {
        const model = create()
        const nowNs = Math.max(...replay(model, before, 0))
        const [clone, disturbed] = [model.clone(), model.clone()]
        replay(disturbed, other, nowNs)
        const times = replay(clone, after, nowNs)
        expect(replay(model, after, nowNs)).toEqual(times)
      }),
    )
  })

  it('ends every command at an integer time, not before its start; and keeps its map through a reset', () => {
    fc.assert(
      fc.property(fc.constantFrom(nvme, sata), commands, (parameters, list) => {
        const model = SsdModel.create(parameters, SECTORS, 512)
        let startNs = 1e14
        for (const { op, lba, sectors, gapNs } of list) {
          startNs += gapNs
          const endNs = model.serve(op, lba, sectors, startNs)
          expect(Number.isSafeInteger(endNs)).toBe(true)
          expect(endNs).toBeGreaterThan(startNs)
        }
        model.reset()
        model.ftl.checkInvariants()
        const page = Math.ceil(list[0]!.lba / 16)
        const mapped = model.ftl.isMapped(page)
        const readNs = model.serve(DRIVE_VERIFY, page * (parameters.pageBytes / 512), 1, 0)
        expect(readNs).toBe(parameters.commandNs + (mapped ? parameters.readNs : 0))
      }),
    )
  })
})
