import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LinkDirection } from '../../host/hardware/link'
import { EventQueue } from '../../host/sim/eventQueue'
import {
  ARRIVE,
  expectBalance,
  frameOf,
  INDEX,
  LinkBench,
  range,
  SPEC,
  sendAll,
  trafficOf,
  wrongBits,
} from '../support/linkBench'

describe('a stall', () => {
  it('delays what has left until its end, and what has not by its length', () => {
    const bench = new LinkBench({ latencyNs: 300 })
    bench.send(0, 1, 100).send(0, 2, 400).send(0, 3, 100)
    bench.at(200, () => bench.link.stall(1_200)).send(700, 4, 100)
    expect(bench.run().times).toEqual([1_200, 1_800, 1_900, 2_000])
  })

  it('holds back frames that take no time', () => {
    const bench = new LinkBench({ latencyNs: 300, bytesPerSecond: Number.POSITIVE_INFINITY })
    bench.at(100, () => bench.link.stall(500)).send(200, 1)
    bench.at(300, () => bench.link.stall(900)).send(400, 2)
    // Shorter than the one that there is: it changes nothing.
    bench.at(500, () => bench.link.stall(600))
    expect(bench.run().times).toEqual([1_200, 1_200])
  })

  it('loses nothing, and nothing arrives during it', () => {
    const stalls = fc.array(fc.record({ atNs: fc.nat(25_000), lengthNs: fc.nat(4_000) }), { maxLength: 6 })
    fc.assert(
      fc.property(trafficOf(500), stalls, fc.integer({ min: 1, max: 3 }), (traffic, many, paths) => {
        const untouched = sendAll(new LinkBench({ paths }), traffic).run()
        const bench = new LinkBench({ paths })
        for (const { atNs, lengthNs } of many) bench.at(atNs, () => bench.link.stall(atNs + lengthNs))
        sendAll(bench, traffic).run()
        expect(bench.ids).toEqual(untouched.ids)
        const total = many.reduce((sum, { lengthNs }) => sum + lengthNs, 0)
        for (const [i, timeNs] of bench.times.entries()) {
          expect(timeNs).toBeGreaterThanOrEqual(untouched.times[i]!)
          expect(timeNs).toBeLessThanOrEqual(untouched.times[i]! + total)
          const inside = many.find(({ atNs, lengthNs }) => timeNs >= atNs && timeNs < atNs + lengthNs)
          expect(inside).toBeUndefined()
        }
        expect(bench.link.figures.framesLost).toBe(0)
      }),
    )
  })

  it('must end', () => {
    expect(() => new LinkBench().link.stall(Number.POSITIVE_INFINITY)).toThrow(RangeError)
  })
})

describe('a slow link', () => {
  it('takes longer for what has not left, as long as it is slow', () => {
    const bench = new LinkBench({ latencyNs: 10 }).send(0, 1, 100).send(0, 2, 100)
    // 50 bytes in 500 ns, then the second frame at full speed again from 700 on: 20 bytes of it went before.
    bench.at(50, () => bench.link.slow(10, 750)).send(2_000, 3, 100)
    expect(bench.run().times).toEqual([560, 840, 2_110])
  })

  it('goes on until it is told otherwise', () => {
    const bench = new LinkBench({ latencyNs: 0 })
    bench
      .at(0, () => bench.link.slow(4, Number.POSITIVE_INFINITY))
      .send(0, 1, 100)
      .send(1_000, 2, 100)
    bench.at(1_200, () => bench.link.slow(1, Number.POSITIVE_INFINITY))
    expect(bench.run().times).toEqual([400, 1_250])
  })

  it('loses nothing, with stalls in between and on several paths', () => {
    const slows = fc.array(
      fc.record({
        atNs: fc.nat(25_000),
        lengthNs: fc.nat(4_000),
        factor: fc.integer({ min: 1, max: 9 }),
        stall: fc.boolean(),
      }),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(trafficOf(500), slows, fc.integer({ min: 1, max: 3 }), (traffic, many, paths) => {
        const untouched = sendAll(new LinkBench({ paths }), traffic).run()
        const bench = new LinkBench({ paths })
        const { link } = bench
        for (const { atNs, lengthNs, factor, stall } of many) {
          bench.at(atNs, () => (stall ? link.stall(atNs + lengthNs) : link.slow(factor, atNs + lengthNs)))
        }
        sendAll(bench, traffic).run()
        expect(bench.ids).toEqual(untouched.ids)
        const total = many.reduce((sum, { lengthNs }) => sum + lengthNs, 0)
        for (const [i, timeNs] of bench.times.entries()) {
          expect(timeNs).toBeGreaterThanOrEqual(untouched.times[i]!)
          expect(timeNs).toBeLessThanOrEqual(untouched.times[i]! + total + 1)
        }
      }),
    )
  })

  it('is not faster, and has a rate', () => {
    const { link } = new LinkBench()
    for (const factor of [0.5, Number.POSITIVE_INFINITY, Number.NaN])
      expect(() => link.slow(factor, 1)).toThrow(RangeError)
  })
})

describe('faults of frames', () => {
  it('strike exactly as many frames as were asked for, in order of sending', () => {
    const few = fc.nat(5)
    fc.assert(
      fc.property(few, few, few, few, fc.integer({ min: 1, max: 9 }), (drops, corruptions, duplicates, swaps, bits) => {
        const bench = new LinkBench()
        const count = 40
        bench.at(0, () => {
          bench.link.reorder(swaps)
          bench.link.duplicate(duplicates)
          bench.link.corrupt(corruptions, bits)
          bench.link.drop(drops)
          for (const id of range(0, count)) bench.link.send(frameOf(id))
        })
        bench.afterEach = () => expectBalance(bench)
        bench.run()
        const corrupted = bench.arrivals.slice(0, corruptions)
        const whole = bench.arrivals.slice(corruptions)
        expect(corrupted.map(({ frame }, i) => wrongBits(frame, drops + i))).toEqual(corrupted.map(() => bits))
        expect(whole.every(({ frame, id }) => wrongBits(frame, id) === 0)).toBe(true)
        const struck = drops + corruptions
        const rest = struck + duplicates
        const swapped = range(0, 2 * swaps).map((i) => rest + (i ^ 1))
        expect(whole.map(({ id }) => id)).toEqual([
          ...range(struck, rest).flatMap((id) => [id, id]),
          ...swapped,
          ...range(rest + 2 * swaps, count),
        ])
        expect(bench.link.figures).toEqual({
          framesSent: count,
          bytesSent: count * 100,
          framesDuplicated: duplicates,
          framesDelivered: count - drops + duplicates,
          framesLost: drops,
        })
      }),
    )
  })

  it('add up when they are asked for twice', () => {
    const bench = new LinkBench()
    bench.link.drop(1)
    bench.link.drop(2)
    for (const id of range(0, 5)) bench.send(0, id)
    expect(bench.run().ids).toEqual([3, 4])
  })

  it('reorder: a frame comes with the one behind it, and not before that one is there', () => {
    const bench = new LinkBench()
    bench.link.reorder(1)
    for (const id of [1, 2, 3]) bench.send(id * 400, id)
    bench.run()
    expect(bench.ids).toEqual([2, 1, 3])
    expect(bench.times).toEqual([1_900, 1_900, 2_300])
  })

  it('reorder: waits for two frames that are on the way together', () => {
    const bench = new LinkBench()
    bench.link.reorder(1)
    expect(bench.send(0, 1).send(5_000, 2).send(10_000, 3).send(10_000, 4).run().ids).toEqual([1, 2, 4, 3])
  })

  it('reorder: leaves frames alone that meet another fault', () => {
    const bench = new LinkBench()
    const { link } = bench
    link.reorder(1)
    bench.send(0, 1).at(10, () => link.drop(1))
    bench
      .send(10, 2)
      .send(10, 3)
      .at(20, () => link.corrupt(1, 1))
    bench.send(20, 4).send(20, 5).send(20, 6)
    expect(bench.run().ids.slice(0, 2)).toEqual([1, 3])
    expect(bench.ids.slice(3)).toEqual([6, 5])
  })

  it('reorder: a change of pace afterwards counts for both', () => {
    const bench = new LinkBench()
    const { link } = bench
    link.reorder(1)
    bench.send(0, 1, 100).send(100, 2, 2_000)
    bench.at(1_150, () => link.slow(1, Number.POSITIVE_INFINITY))
    bench.at(1_200, () => link.slow(2, Number.POSITIVE_INFINITY))
    bench.at(1_300, () => expect([link.framesOnTheWay, link.bytesOnTheWay]).toEqual([2, 2_100]))
    bench.takes = (id, bytes) => {
      expect(link.bytesOnTheWay).toBe(id === 2 ? 100 : 0)
      link.taken(bytes)
    }
    bench.run()
    expect(bench.ids).toEqual([2, 1])
    expect(bench.times).toEqual([4_000, 4_000])
  })

  it('reorder: a stall afterwards moves both', () => {
    const bench = new LinkBench()
    bench.link.reorder(1)
    bench.send(0, 1).send(800, 2).send(850, 3)
    bench.at(1_200, () => bench.link.stall(1_500)).run()
    expect(bench.ids).toEqual([2, 1, 3])
    expect(bench.times).toEqual([1_900, 1_900, 2_000])
  })

  it('duplicate: the copy has its own bytes, takes its own time and room', () => {
    const bench = new LinkBench({ windowBytes: 100 })
    bench.link.duplicate(1)
    bench.send(0, 1).send(0, 2).run()
    expect(bench.ids).toEqual([1, 1, 2])
    expect(bench.times).toEqual([1_100, 2_200, 3_300])
    bench.arrivals[0]!.frame.data.fill(0)
    expect(wrongBits(bench.arrivals[1]!.frame, 1)).toBe(0)
  })

  it('corrupt: the bytes of the sender stay as they are', () => {
    const frame = frameOf(7)
    const bench = new LinkBench()
    bench.link.corrupt(1, 12)
    bench.at(0, () => bench.link.send(frame)).run()
    expect(wrongBits(frame, 7)).toBe(0)
    expect(wrongBits(bench.arrivals[0]!.frame, 7)).toBe(12)
  })

  it('corrupt: flips every bit at most once', () => {
    const bench = new LinkBench()
    bench.link.corrupt(1, 1_000_000)
    bench.send(0, 7, 20).run()
    expect(wrongBits(bench.arrivals[0]!.frame, 7)).toBe(160)
  })

  it('are counted in whole frames', () => {
    const { link } = new LinkBench()
    for (const count of [-1, 0.5, Number.POSITIVE_INFINITY]) expect(() => link.drop(count)).toThrow(RangeError)
  })

  it('are the same with the same seed, and others with another seed or direction', () => {
    const bytes = (seed: number, index = INDEX): string => {
      const events = new EventQueue()
      const link = new LinkDirection(SPEC, { events, arriveEvent: ARRIVE, index, seed })
      link.corrupt(3, 5)
      for (const id of range(0, 3)) link.send(frameOf(id))
      const texts: string[] = []
      while (events.pop()) {
        const { header, data } = link.arrive(events.b)!
        texts.push(`${events.nowNs}:${header}:${data}`)
      }
      return texts.join('\n')
    }
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(bytes(seed)).toBe(bytes(seed))
        expect(bytes(seed)).not.toBe(bytes(seed + 1))
        expect(bytes(seed)).not.toBe(bytes(seed, INDEX + 1))
      }),
    )
  })
})
