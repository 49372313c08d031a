// Writes down what happens in a run, step by step, for pictures: listens in on the runner and its site. A run that is not recorded pays nothing.

import type { IoRequest } from '../workload/io'
import type { Runner } from './runner'
import type { HostCommandLike, StepRecorder } from './stepRecorder'

/** From now on every step of the run goes to the recorder. */
export function recordSteps(runner: Runner, recorder: StepRecorder): void {
  recordCommands(runner, recorder)
  recordDrives(runner, recorder)
  recordSite(runner, recorder)
}

function recordCommands({ initiator, events }: Runner, recorder: StepRecorder): void {
  const { luns } = initiator
  const placed = ({ op, lba, sectors, fua }: IoRequest): HostCommandLike => {
    const lun = luns.lunAt(lba)
    return { op, lba: lba - luns.firstOf(lun), sectors, fua, lun }
  }
  initiator.onSent = (io, slot) => recorder.hostCommand(events.nowNs, slot, placed(io))
  initiator.onDone = (io, good, _latencyNs, slot) => recorder.hostAnswer(events.nowNs, slot, placed(io), good)
}

function recordDrives(runner: Runner, recorder: StepRecorder): void {
  const { events } = runner
  const driveIssued = runner.driveIssued.bind(runner)
  runner.driveIssued = (bay, command) => {
    recorder.driveCommand(events.nowNs, bay, command)
    driveIssued(bay, command)
  }
  const driveDone = runner.driveDone.bind(runner)
  runner.driveDone = (bay, command) => {
    recorder.driveAnswer(events.nowNs, bay, command)
    driveDone(bay, command)
  }
}

function recordSite(runner: Runner, recorder: StepRecorder): void {
  const { events, site } = runner
  const microcodeEvent = runner.microcodeEvent.bind(runner)
  runner.microcodeEvent = (code, a, b, c) => {
    recorder.microcodeEvent(events.nowNs, code, a, b, c)
    microcodeEvent(code, a, b, c)
  }
  const nvramCommitted = runner.nvramCommitted.bind(runner)
  runner.nvramCommitted = (offset, bytes) => {
    recorder.nvramCommitted(events.nowNs, offset, bytes)
    nvramCommitted(offset, bytes)
  }
  const crashed = runner.crashed.bind(runner)
  runner.crashed = (reason, last) => {
    recorder.crashed(events.nowNs, reason, last)
    crashed(reason, last)
  }
  const powerCut = site.powerCut.bind(site)
  site.powerCut = (cut) => {
    recorder.powerCut(events.nowNs, cut.tears)
    powerCut(cut)
  }
  const powerOn = site.powerOn.bind(site)
  site.powerOn = () => {
    recorder.powerUp(events.nowNs)
    powerOn()
  }
  const pull = site.pull.bind(site)
  site.pull = (bay) => {
    recorder.hotplug(events.nowNs, bay, false)
    return pull(bay)
  }
  const insert = site.insert.bind(site)
  site.insert = (bay, drive) => {
    recorder.hotplug(events.nowNs, bay, true)
    return insert(bay, drive)
  }
}
