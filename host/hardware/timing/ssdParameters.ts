// What describes a flash drive to the ssd model: plain numbers, times in integer nanoseconds.

export interface SsdParameters {
  readonly name: string
  /** Where the numbers come from. */
  readonly source: string
  /** Commands that the host may have in flight. */
  readonly queueSlots: number
  readonly flashChannels: number
  readonly diesPerChannel: number
  readonly pageBytes: number
  readonly pagesPerBlock: number
  readonly readNs: number
  readonly programNs: number
  readonly eraseNs: number
  /** Time of one page on the bus that the dies of a channel share. */
  readonly channelPageNs: number
  /** Time that the controller spends on a command, and on a page that crosses to or from the host. */
  readonly commandNs: number
  readonly hostPageNs: number
  /** Flash beyond the capacity, in percent of the capacity. */
  readonly overProvisionPercent: number
}

/** What a drive of a given capacity is built of; see `shapeSsd`. */
export interface SsdShape {
  readonly logicalPages: number
  readonly flashChannels: number
  readonly dies: number
  readonly pagesPerBlock: number
  readonly blocksPerDie: number
}

/** Fewer blocks than this make garbage collection coarse. */
const BLOCKS_PER_DIE_MIN = 32
const PAGES_PER_BLOCK_MIN = 16

/**
 * Lays out a drive of `capacityBytes`. A drive too small for the parameter set's dies gets smaller erase blocks first, then fewer
 * dies, so that each die still has some dozens of blocks; a larger one gets more blocks.
 */
export function shapeSsd(parameters: SsdParameters, capacityBytes: number): SsdShape {
  const logicalPages = Math.ceil(capacityBytes / parameters.pageBytes)
  let flashChannels = parameters.flashChannels
  let diesPerChannel = parameters.diesPerChannel
  let pagesPerBlock = parameters.pagesPerBlock
  const isSmall = () => logicalPages / (flashChannels * diesPerChannel * pagesPerBlock) < BLOCKS_PER_DIE_MIN
  while (isSmall() && pagesPerBlock > PAGES_PER_BLOCK_MIN) pagesPerBlock = Math.ceil(pagesPerBlock / 2)
  while (isSmall() && diesPerChannel > 1) diesPerChannel = Math.ceil(diesPerChannel / 2)
  while (isSmall() && flashChannels > 1) flashChannels = Math.ceil(flashChannels / 2)
  const dies = flashChannels * diesPerChannel
  const pagesPerDie = Math.ceil(logicalPages / dies)
  const withSpare = Math.ceil((pagesPerDie * (100 + parameters.overProvisionPercent)) / 100 / pagesPerBlock)
  // One block being filled, one kept free for collection, and at least one block's worth of pages that can be reclaimed.
  const blocksPerDie = Math.max(withSpare, Math.ceil(pagesPerDie / pagesPerBlock) + 3)
  return { logicalPages, flashChannels, dies, pagesPerBlock, blocksPerDie }
}
