// A front panel whose calls a watchdog can see: each of them runs microcode, which may never return, and may grow its memory.

import { ENTRY_PANEL, type ProgressCell } from '../progressCell'
import type { Socket } from '../socket'
import { type FrontPanel, openFrontPanel } from './frontPanel'

/** The panel of the microcode in a socket; null: it has none. */
export function openWatchedPanel(
  { module, instance }: Socket,
  progress: ProgressCell,
  nowNs: () => number,
  afterwards: () => void,
): FrontPanel | null {
  const panel = openFrontPanel(module, instance)
  return panel && watchedPanel(panel, progress, nowNs, afterwards)
}

/** `afterwards` runs after every call, also after one that throws. */
export function watchedPanel(
  panel: FrontPanel,
  progress: ProgressCell,
  nowNs: () => number,
  afterwards: () => void,
): FrontPanel {
  const watched = <T>(call: () => T): T => {
    progress.enter(ENTRY_PANEL, 0, nowNs())
    try {
      return call()
    } finally {
      progress.leave()
      afterwards()
    }
  }
  return {
    identify: () => watched(() => panel.identify()),
    settingNames: () => watched(() => panel.settingNames()),
    configure: (name, value) => watched(() => panel.configure(name, value)),
    status: () => watched(() => panel.status()),
    log: () => watched(() => panel.log()),
  }
}
