// Seagate ST39102LW "Cheetah 9LP": 9.1 GB, 10,045 rpm, 1998.
//
// Source of every number: CMU DiskSim 4.0, valid/cheetah9LP.{model,seek,diskspecs}, which its authors extracted from a real drive
// with DIXtrac. Only numbers were taken. DiskSim's licence asks that its notice travels with what derives from it:
//
//   DiskSim Storage Subsystem Simulation Environment (Version 4.0)
//   Revision Authors: John Bucy, Greg Ganger. Contributors: John Griffin, Jiri Schindler, Steve Schlosser
//   Copyright (c) of Carnegie Mellon University, 2001-2008.
//   Permission to reproduce, use, and prepare derivative works of this software is granted provided the copyright and "No Warranty"
//   statements are included with all reproductions and derivative works and associated documentation. This software may also be
//   redistributed without charge provided that the copyright and "No Warranty" statements are included in all redistributions.
//   NO WARRANTY. THIS SOFTWARE IS FURNISHED ON AN "AS IS" BASIS. CARNEGIE MELLON UNIVERSITY MAKES NO WARRANTIES OF ANY KIND, EITHER
//   EXPRESSED OR IMPLIED AS TO THE MATTER INCLUDING, BUT NOT LIMITED TO: WARRANTY OF FITNESS FOR PURPOSE OR MERCHANTABILITY,
//   EXCLUSIVITY OF RESULTS OR RESULTS OBTAINED FROM USE OF THIS SOFTWARE. CARNEGIE MELLON UNIVERSITY DOES NOT MAKE ANY WARRANTY OF
//   ANY KIND WITH RESPECT TO FREEDOM FROM PATENT, TRADEMARK, OR COPYRIGHT INFRINGEMENT. COPYRIGHT HOLDERS WILL BEAR NO LIABILITY
//   FOR ANY USE OF THIS SOFTWARE OR DOCUMENTATION.

import type { HddParameters } from '../hddParameters'
import { cheetah9lpZones } from './cheetah9lpZones'

/** (distance in cylinders, µs). */
const seekCurveUs: HddParameters['seekCurveUs'] = [
  [1, 831],
  [2, 1003],
  [3, 1089],
  [4, 1092],
  [5, 1268],
  [6, 1263],
  [7, 1271],
  [8, 1439],
  [9, 1433],
  [10, 1448],
  [12, 1449],
  [14, 1447],
  [16, 1453],
  [18, 1533],
  [20, 1534],
  [25, 1625],
  [30, 1624],
  [35, 1712],
  [40, 1715],
  [45, 1765],
  [50, 1804],
  [60, 1893],
  [70, 1945],
  [80, 1983],
  [90, 2072],
  [100, 2145],
  [125, 2161],
  [150, 2259],
  [175, 2510],
  [200, 2517],
  [225, 2519],
  [250, 2607],
  [275, 2701],
  [300, 2699],
  [325, 2841],
  [350, 2874],
  [375, 2962],
  [400, 3051],
  [425, 3014],
  [450, 3104],
  [475, 3098],
  [500, 3230],
  [600, 3399],
  [700, 3638],
  [800, 3823],
  [900, 3995],
  [1000, 4118],
  [1100, 4271],
  [1200, 4397],
  [1300, 4427],
  [1400, 4573],
  [1500, 4757],
  [1600, 4833],
  [1700, 4930],
  [1800, 4993],
  [1900, 5190],
  [2000, 5282],
  [2100, 5428],
  [2200, 5541],
  [2300, 5624],
  [2400, 5726],
  [2500, 5815],
  [2600, 5963],
  [2700, 6082],
  [2800, 6163],
  [2900, 6245],
  [3000, 6345],
  [3100, 6423],
  [3200, 6665],
  [3300, 6737],
  [3400, 6847],
  [3500, 6887],
  [3600, 6977],
  [3700, 7068],
  [3800, 7164],
  [3900, 7328],
  [4000, 7419],
  [4100, 7507],
  [4200, 7649],
  [4300, 7691],
  [4400, 7831],
  [4500, 7959],
  [4600, 8087],
  [4700, 8135],
  [4800, 8223],
  [4900, 8311],
  [5000, 8492],
  [5100, 8626],
  [5200, 8659],
  [5300, 8805],
  [5400, 8987],
  [5500, 8962],
  [5600, 9106],
  [5700, 9201],
  [5800, 9296],
  [5900, 9524],
  [6000, 9698],
  [6100, 9702],
  [6200, 9830],
  [6300, 9878],
  [6400, 10009],
  [6500, 10147],
  [6600, 10230],
  [6700, 10363],
  [6800, 10540],
  [6894, 10627],
]

const mechanics: Omit<HddParameters, 'name' | 'overheads' | 'buffer' | 'busBlockNs'> = {
  source: 'CMU DiskSim 4.0, valid/cheetah9LP (DIXtrac extraction of a Seagate ST39102LW)',
  blockBytes: 512,
  blockCount: 17_783_240,
  rpm: 10_045,
  heads: 12,
  headSwitchNs: 30_000,
  writeSettleNs: 461_000,
  seekCurveUs,
  zones: cheetah9lpZones,
}

const electronics: Pick<HddParameters, 'overheads' | 'busBlockNs'> = {
  overheads: {
    readHitAfterReadNs: 66_000,
    readHitAfterWriteNs: 273_000,
    readMissAfterReadNs: 283_620,
    readMissAfterWriteNs: 86_730,
    writeHitAfterReadNs: 748_000,
    writeHitAfterWriteNs: 500_000,
    writeMissAfterReadNs: 906_920,
    writeMissAfterWriteNs: 896_400,
  },
  // 512 bytes on the SCSI bus of the machine in which the drive was measured: about 5 MB/s.
  busBlockNs: 105_000,
}

/** The arm and the platters alone: commands and data cross to the controller in no time. */
export const cheetah9lpMechanics: HddParameters = { ...mechanics, name: 'cheetah9lp-mechanics', busBlockNs: 0 }

/** All caching off. */
export const cheetah9lpUncached: HddParameters = { ...mechanics, ...electronics, name: 'cheetah9lp-uncached' }

/** Track buffer and read-ahead on, writes go to the medium (WCE = 0). */
export const cheetah9lp: HddParameters = {
  ...mechanics,
  ...electronics,
  name: 'cheetah9lp',
  buffer: { segments: 3, segmentBlocks: 561, writeBack: false },
}

/** As the drive was shipped, and measured: also writes end in the buffer (WCE = 1). */
export const cheetah9lpShipped: HddParameters = {
  ...mechanics,
  ...electronics,
  name: 'cheetah9lp-shipped',
  buffer: { segments: 3, segmentBlocks: 561, writeBack: true },
}
