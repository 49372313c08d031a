// What mdadm says of the members of a run, against what the array claimed at the end of it.
//
// Returns disagreements as sentences; none = mdadm accepts every member and agrees with the array. Bays whose drive is not a member
// (empty, foreign, unknown) are not looked at. The data areas are compared as well: what a member in sync holds is the LUN.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { BayStateName } from '../../host/scenario/scenario'
import { type MdadmBitmap, type MdadmExamine, mdadmExamine, mdadmExamineBitmapOfFile } from './mdadm'
import type { RunImages } from './runForImages'

const SECTOR_BYTES = 512
/** States of a bay whose drive mdadm must call an active device, with or without a recovery offset. */
const ACTIVE: readonly BayStateName[] = ['in-sync', 'rebuilding', 'catching-up']

interface Member {
  readonly bay: number
  readonly state: BayStateName
  readonly image: string
  readonly examine: MdadmExamine
  readonly bitmap: MdadmBitmap
}

function judgeMember({ state, examine, bitmap }: Member): string[] {
  const says: string[] = [...examine.problems, ...bitmap.problems]
  const isActive = ACTIVE.includes(state)
  const expect = (holds: boolean, text: string) => {
    if (!holds) says.push(text)
  }
  expect((examine.activeDevice !== null) === isActive, `Device Role : ${examine.fields.get('Device Role')}`)
  expect(examine.recoveryOffsetSectors === null || state === 'rebuilding', `Recovery Offset in a bay that is ${state}`)
  expect(examine.recoveryOffsetSectors !== null || state !== 'rebuilding', 'no Recovery Offset in a bay that rebuilds')
  expect(bitmap.uuid === examine.arrayUuid, `bitmap of array ${bitmap.uuid} on a member of ${examine.arrayUuid}`)
  expect(bitmap.eventsCleared <= bitmap.events, 'bitmap cleared at a later event count than its own')
  return says
}

function judgeTogether(members: readonly Member[], run: RunImages): string[] {
  const says: string[] = []
  const inSync = members.filter((member) => member.state === 'in-sync')
  const same = (what: string, read: (member: Member) => unknown, among: readonly Member[] = inSync) => {
    const values = new Set(among.map((member) => String(read(member))))
    if (values.size > 1) says.push(`members disagree on ${what}: ${[...values].join(', ')}`)
  }
  same('the array UUID', (member) => member.examine.arrayUuid, members)
  same('the event count', (member) => member.examine.events)
  same('the array state', (member) => member.examine.arrayState)
  same("the bitmap's dirty chunks", (member) => member.bitmap.dirtyBits)
  same('being clean', (member) => member.examine.clean)
  const active = members.filter((member) => ACTIVE.includes(member.state))
  for (const { bay, examine, bitmap } of inSync) {
    const letters = [...examine.arrayState].filter((letter) => letter === 'A' || letter === 'R').length
    if (letters !== active.length)
      says.push(`bay ${bay}: Array State ${examine.arrayState}, active are ${active.length}`)
    const isComplete = letters === examine.raidDevices && active.length === inSync.length
    if (isComplete !== (run.status.array === 'optimal')) {
      says.push(`bay ${bay}: Array State ${examine.arrayState} of an array that claims to be ${run.status.array}`)
    }
    if (run.status.array === 'optimal' && bitmap.dirtyBits > 0)
      says.push(`bay ${bay}: ${bitmap.dirtyBits} dirty chunks`)
  }
  return says
}

/** Offset in the LUN of the first byte that differs from the member's data area; null = it holds the whole LUN. */
function firstDifferenceFromLun(member: Member, lunImage: string): number | null {
  const files = [openSync(lunImage, 'r'), openSync(member.image, 'r')] as const
  const blocks = [Buffer.alloc(1 << 20), Buffer.alloc(1 << 20)] as const
  const dataOffsetBytes = member.examine.dataOffsetSectors * SECTOR_BYTES
  try {
    const lunBytes = fstatSync(files[0]).size
    for (let at = 0; at < lunBytes; at += blocks[0].length) {
      const length = readSync(files[0], blocks[0], 0, blocks[0].length, at)
      readSync(files[1], blocks[1], 0, length, dataOffsetBytes + at)
      if (blocks[0].compare(blocks[1], 0, length, 0, length) === 0) continue
      return at + blocks[0].findIndex((byte, index) => byte !== blocks[1][index])
    }
    return null
  } finally {
    files.forEach(closeSync)
  }
}

export async function disagreements(run: RunImages): Promise<string[]> {
  const says: string[] = []
  const members: Member[] = []
  for (const [bay, image] of run.memberImages.entries()) {
    const state = run.status.bays[bay]!
    if (image === null || !(ACTIVE.includes(state) || state === 'spare')) continue
    const member = { bay, state, image, examine: mdadmExamine(image), bitmap: await mdadmExamineBitmapOfFile(image) }
    members.push(member)
    says.push(...judgeMember(member).map((text) => `bay ${bay}: ${text}`))
    const at = state === 'in-sync' ? firstDifferenceFromLun(member, run.lunImage) : null
    if (at !== null) says.push(`bay ${bay}: differs from the LUN at byte ${at}`)
  }
  return [...says, ...judgeTogether(members, run)]
}
