// The arm and the platters: carries out transfers block by block, exactly.
//
// For each piece of a transfer that lies on one track, without a slip in between: move the arm or switch heads, wait until the first
// block comes round, transfer as the blocks pass. The transfer starts at its first block (no zero-latency access). Moves: the longer
// of seek and head switch; a write waits for the head to settle after any move. A block that is written must have come over the bus
// when the head reaches it, or a turn is lost; a block that is read crosses the bus as soon as it has passed and the bus is free.
// Time inside a request is kept in angle units (`rpm` of them are one ns), so nothing is rounded before its end.
// State: where the arm is. Not modelled: recalibration, retries, a settle time that depends on the distance.

import type { HddGeometry } from './hddGeometry'
import { HddPlace } from './hddGeometry'
import { KnownPlaces } from './hddKnownPlaces'
import type { HddParameters } from './hddParameters'
import { ANGLE_TURN, angleAt, turnRemainder, turnUntil } from './hddRotation'

export class HddMechanics {
  readonly geometry: HddGeometry
  readonly rpm: number
  readonly #nsPerPart: number
  readonly #seekNs: Float64Array
  readonly #headSwitchNs: number
  readonly #writeSettleNs: number
  readonly #busBlockNs: number
  readonly #place = new HddPlace()
  readonly #known = new KnownPlaces()
  #cylinder = 0
  #head = 0
  /** Who asks for the positioning of one place asks for that of others, at the same time: where the platters stand then. */
  #askedNs = -1
  #askedAngle = 0

  /** When the last block of the transfer had passed the head: results of `read`, beside the value that it returns. */
  mediumEndNs = 0
  /** After `read`: how many blocks follow the last one without a move or a slip, and the time of each. */
  runBlocks = 0
  blockTurn = 0
  /** Results of `readAhead`: the block that it would read next, when the one before had passed, and when the arm can be used. */
  aheadLbn = 0
  aheadNs = 0
  armFreeNs = 0

  constructor(parameters: HddParameters, geometry: HddGeometry, seekNs: Float64Array) {
    this.geometry = geometry
    this.rpm = parameters.rpm
    this.#nsPerPart = 1 / parameters.rpm
    this.#seekNs = seekNs
    this.#headSwitchNs = parameters.headSwitchNs
    this.#writeSettleNs = parameters.writeSettleNs
    this.#busBlockNs = parameters.busBlockNs
  }

  /** The arm moves to the outermost cylinder. */
  park(): void {
    this.#cylinder = 0
    this.#head = 0
  }

  copyArm(source: HddMechanics): void {
    this.#cylinder = source.#cylinder
    this.#head = source.#head
  }

  #moveNs(place: HddPlace, write: boolean): number {
    let moveNs = this.#seekNs[Math.abs(place.cylinder - this.#cylinder)]!
    if (place.head !== this.#head && moveNs < this.#headSwitchNs) moveNs = this.#headSwitchNs
    return write && moveNs > 0 ? moveNs + this.#writeSettleNs : moveNs
  }

  #arriveAt(place: HddPlace): void {
    this.#cylinder = place.cylinder
    this.#head = place.head
  }

  /** Time until the head can transfer `lbn`, from `nowNs`; where that is no less than `limitNs`, some number that is no less either. Moves nothing. */
  positioningNs(write: boolean, lbn: number, nowNs: number, limitNs: number): number {
    const place = this.#known.placeOf(lbn, this.geometry)
    const moveNs = this.#moveNs(place, write)
    if (moveNs >= limitNs) return moveNs
    const rpm = this.rpm
    if (nowNs !== this.#askedNs) {
      this.#askedNs = nowNs
      this.#askedAngle = angleAt(nowNs, rpm)
    }
    const turn = turnUntil(turnRemainder(this.#askedAngle + moveNs * rpm), place.angle)
    // Sure to be no less, also when it is rounded.
    if (turn > (limitNs - moveNs) * rpm) return limitNs
    return moveNs + Math.round(turn / rpm)
  }

  /** Reads; positioning starts at `startNs`, the bus is free from `busFreeNs` on. Returns when the last block has crossed the bus. */
  read(firstLbn: number, blocks: number, startNs: number, busFreeNs: number, busBlockNs: number): number {
    const place = this.#place
    const rpm = this.rpm
    const startAngle = angleAt(startNs, rpm)
    const busBlock = busBlockNs * rpm
    let elapsed = 0
    let bus = (busFreeNs - startNs) * rpm
    let lbn = firstLbn
    const endLbn = firstLbn + blocks
    while (lbn < endLbn) {
      this.geometry.locate(lbn, place)
      const left = endLbn - lbn
      const count = Math.min(left, place.runBlocks)
      const blockTurn = place.blockTurn
      elapsed += this.#moveNs(place, false) * rpm
      elapsed += turnUntil(turnRemainder(startAngle + elapsed), place.angle)
      const passed = elapsed + count * blockTurn
      // The bus is held up by the first block, by itself, or by the last block.
      bus = Math.max(Math.max(bus, elapsed + blockTurn) + count * busBlock, passed + busBlock)
      elapsed = Math.round(passed)
      this.#arriveAt(place)
      lbn += count
      this.runBlocks = place.runBlocks - count
      this.blockTurn = blockTurn
    }
    this.mediumEndNs = startNs + Math.round(elapsed * this.#nsPerPart)
    return startNs + Math.round(bus * this.#nsPerPart)
  }

  /** Writes; positioning starts at `startNs`, the data cross the bus from `busStartNs` on. Returns when the last block has passed. */
  write(firstLbn: number, blocks: number, startNs: number, busStartNs: number): number {
    const place = this.#place
    const rpm = this.rpm
    const startAngle = angleAt(startNs, rpm)
    const busBlock = this.#busBlockNs * rpm
    let elapsed = 0
    let arrived = (busStartNs - startNs) * rpm
    let lbn = firstLbn
    const endLbn = firstLbn + blocks
    while (lbn < endLbn) {
      this.geometry.locate(lbn, place)
      const left = endLbn - lbn
      const count = Math.min(left, place.runBlocks)
      const blockTurn = place.blockTurn
      elapsed += this.#moveNs(place, true) * rpm
      elapsed += turnUntil(turnRemainder(startAngle + elapsed), place.angle)
      // How late the data come for the first block and for the last; in between it is never later.
      const lateFirst = arrived + busBlock - elapsed
      const lateLast = arrived + count * busBlock - (elapsed + (count - 1) * blockTurn)
      const late = Math.max(lateFirst, lateLast)
      if (late > 0) elapsed += Math.ceil(late / ANGLE_TURN) * ANGLE_TURN
      arrived += count * busBlock
      elapsed = Math.round(elapsed + count * blockTurn)
      this.#arriveAt(place)
      lbn += count
    }
    return startNs + Math.round(elapsed * this.#nsPerPart)
  }

  /**
   * Reads on from `lbn`, from `startNs` until `untilNs` or until `endLbn` is reached, into a buffer that is large enough.
   * With `stop`, the arm stays where it then is; without, it stays where the block before `aheadLbn` was, and the same can be asked again.
   */
  readAhead(lbn: number, endLbn: number, startNs: number, untilNs: number, stop: boolean): void {
    const place = this.#place
    const rpm = this.rpm
    const startAngle = angleAt(startNs, rpm)
    const until = (untilNs - startNs) * rpm
    let elapsed = 0
    let next = lbn
    this.armFreeNs = untilNs
    while (next < endLbn) {
      this.geometry.locate(next, place)
      const left = endLbn - next
      const count = Math.min(left, place.runBlocks)
      const blockTurn = place.blockTurn
      const moved = elapsed + this.#moveNs(place, false) * rpm
      const begun = moved + turnUntil(turnRemainder(startAngle + moved), place.angle)
      if (begun + blockTurn > until) {
        // Stopped on the way: a move, once begun, is finished.
        if (stop && elapsed < until) {
          this.#arriveAt(place)
          if (moved > until) this.armFreeNs = startNs + Math.round(moved * this.#nsPerPart)
        }
        break
      }
      this.#arriveAt(place)
      const done = Math.floor((until - begun) / blockTurn)
      if (done < count) {
        next += done
        elapsed = Math.round(begun + done * blockTurn)
        break
      }
      next += count
      elapsed = Math.round(begun + count * blockTurn)
    }
    this.aheadLbn = next
    this.aheadNs = startNs + Math.round(elapsed * this.#nsPerPart)
  }
}
