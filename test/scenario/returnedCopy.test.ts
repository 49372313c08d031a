// A copy that has its power back is looked at once, when it has nothing to do: the point that it holds, and whether it still is a state of the LUN.
import { describe, expect, it } from 'vitest'
import {
  ARRAY_DISCOVERING,
  ARRAY_OPTIMAL,
  REMOTE_LOST,
  REMOTE_TARGET,
  ROLE_PRIMARY,
  ROLE_SECONDARY,
  STATUS_ARRAY_STATE,
  STATUS_BUSY,
  STATUS_POINT_HELD,
  STATUS_REMOTE_CONSISTENT,
  STATUS_REMOTE_ROLE,
  STATUS_REMOTE_STATE,
  STATUS_WORDS,
} from '../../assembly/abi/status'
import type { Rig } from '../../host/rig/rig'
import { ReturnedCopy } from '../../host/scenario/returnedCopy'

const POINT = 7

function copyAt(role: number = ROLE_SECONDARY) {
  const status = new Uint32Array(STATUS_WORDS)
  status[STATUS_ARRAY_STATE] = ARRAY_OPTIMAL
  status[STATUS_REMOTE_STATE] = REMOTE_LOST
  status[STATUS_REMOTE_ROLE] = role
  status[STATUS_REMOTE_CONSISTENT] = 1
  status[STATUS_POINT_HELD] = POINT
  const controller = {
    isRunning: true,
    status,
    statusWord: (word: number) => status[word]!,
    waiting: { isEmpty: true },
  }
  return { isPowered: true, nvramLosses: 0, bays: [], status, controller }
}

interface Story {
  readonly hasCaches?: boolean
  readonly isMidway?: boolean
  /** What becomes of the copy while it has no power, and what it says then, one look after the other. */
  readonly says: readonly ((copy: ReturnType<typeof copyAt>) => void)[]
}

function heardOf({ hasCaches = false, isMidway = false, says }: Story): (number | string)[] {
  const copy = copyAt()
  const rig = { sites: [copyAt(ROLE_PRIMARY), copy], activeIndex: 0 } as unknown as Rig
  const watch = new ReturnedCopy(rig, hasCaches)
  const heard: (number | string)[] = []
  watch.losing(1, isMidway)
  watch.powerOn(1)
  for (const say of says) {
    say(copy)
    watch.look({ copyReturned: (point) => heard.push(point), forgot: ({ found }) => heard.push(found) })
  }
  return heard
}

const isOver = ({ status }: ReturnType<typeof copyAt>): void => {
  status[STATUS_REMOTE_CONSISTENT] = 0
}
const FORGOT = [expect.stringContaining('no state of the LUN')]

describe('a copy that has its power back', () => {
  it('is asked once for the point that it holds, when it knows its array and has nothing to do', () => {
    const says: Story['says'] = [
      ({ status }) => (status[STATUS_ARRAY_STATE] = ARRAY_DISCOVERING),
      ({ status }) => status.set([ARRAY_OPTIMAL], STATUS_ARRAY_STATE),
      () => undefined,
    ]
    expect(heardOf({ says })).toEqual([POINT])
    expect(heardOf({ says: [({ status }) => (status[STATUS_BUSY] = 1)] })).toEqual([])
  })

  it('is a state of the LUN, as it was, once it has finished what it was at', () => {
    expect(heardOf({ says: [isOver] })).toEqual(FORGOT)
    const busy = (copy: ReturnType<typeof copyAt>): void => copy.status.set([1], STATUS_BUSY)
    const idle = (copy: ReturnType<typeof copyAt>): void => copy.status.set([0], STATUS_BUSY)
    expect(heardOf({ says: [busy, isOver, idle] })).toEqual(FORGOT)
  })

  it('need not be one where it was just about to say so, has heard of the other site, or had some of it in caches', () => {
    const hears = ({ status }: ReturnType<typeof copyAt>): void => status.set([REMOTE_TARGET, 1], STATUS_REMOTE_STATE)
    const busy = ({ status }: ReturnType<typeof copyAt>): void => status.set([1], STATUS_BUSY)
    const isAlone = ({ status }: ReturnType<typeof copyAt>): void => {
      status.set([0], STATUS_BUSY)
      status.set([REMOTE_LOST], STATUS_REMOTE_STATE)
      status.set([ROLE_SECONDARY], STATUS_REMOTE_ROLE)
      status.set([0], STATUS_REMOTE_CONSISTENT)
    }
    expect(heardOf({ isMidway: true, says: [isOver] })).toEqual([])
    expect(heardOf({ hasCaches: true, says: [isOver] })).toEqual([])
    expect(heardOf({ says: [busy, hears, isAlone] })).toEqual([])
    const forgets = (copy: ReturnType<typeof copyAt>): void => {
      copy.nvramLosses++
      isOver(copy)
    }
    expect(heardOf({ says: [forgets] })).toEqual([])
  })
})
