// Two flash drives. Times and layouts are the defaults of published simulators; what those do not say is marked as assumed.

import type { SsdParameters } from '../ssdParameters'

/**
 * NVMe. Flash: the defaults of FEMU's black-box SSD (Li et al., "The CASE of FEMU", FAST '18; run-blackbox.sh): 8 channels of 8 dies,
 * pages of 4 KiB, blocks of 256 pages, 40 µs read, 200 µs program, 2 ms erase, 25 % over-provisioning. FEMU charges nothing for the
 * channels: 4 KiB at 1,200 MB/s (ONFI 4.0, NV-DDR3 at 1,200 MT/s, 8 bits) assumed. Link: PCIe 3.0 x4, about 3.2 GB/s after overheads.
 */
export const nvme: SsdParameters = {
  name: 'nvme',
  source: 'FEMU (FAST 2018), default black-box SSD',
  queueSlots: 64,
  flashChannels: 8,
  diesPerChannel: 8,
  pageBytes: 4096,
  pagesPerBlock: 256,
  readNs: 40_000,
  programNs: 200_000,
  eraseNs: 2_000_000,
  channelPageNs: 3_414,
  commandNs: 5_000,
  hostPageNs: 1_280,
  overProvisionPercent: 25,
}

/**
 * SATA, with multi-level cells. Flash: the defaults of MQSim (Tavakkol et al., "MQSim", FAST '18; ssdconfig.xml, and its code where the file
 * differs: 750 µs program): 8 channels of 4 chips of 2 dies, pages of 8 KiB, blocks of 256 pages, 75 µs read, 3.8 ms erase, channels
 * of 333 MB/s, 7 % over-provisioning. Link: SATA 6 Gb/s, 600 MB/s after 8b/10b coding. Command time: assumed.
 */
export const sata: SsdParameters = {
  name: 'sata',
  source: 'MQSim (FAST 2018), default SSD',
  queueSlots: 32,
  flashChannels: 8,
  diesPerChannel: 8,
  pageBytes: 8192,
  pagesPerBlock: 256,
  readNs: 75_000,
  programNs: 750_000,
  eraseNs: 3_800_000,
  channelPageNs: 24_601,
  commandNs: 20_000,
  hostPageNs: 13_654,
  overProvisionPercent: 7,
}
