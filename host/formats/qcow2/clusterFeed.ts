// Makes whole clusters of what is written: whole ones pass as they are, many at a time; of others one is gathered. What a write does not
// reach is zeros.

export interface ClusterSink {
  /** Whole clusters, ascending. */
  clusters(first: number, bytes: Buffer): void | Promise<void>
  /** Clusters that nothing was written to. */
  untouched(first: number, end: number): void | Promise<void>
}

export class ClusterFeed {
  readonly #sink: ClusterSink
  readonly #clusterBytes: number
  readonly #gathered: Buffer
  /** Its cluster, or none: -1. */
  #gathering = -1
  #nextCluster = 0

  constructor(clusterBytes: number, sink: ClusterSink) {
    this.#clusterBytes = clusterBytes
    this.#gathered = Buffer.alloc(clusterBytes)
    this.#sink = sink
  }

  async write(offsetBytes: number, bytes: Uint8Array): Promise<void> {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    let done = 0
    while (done < buffer.length) {
      const cluster = Math.floor((offsetBytes + done) / this.#clusterBytes)
      const inside = offsetBytes + done - cluster * this.#clusterBytes
      if (this.#gathering >= 0 && this.#gathering !== cluster) await this.#passGathered()
      const whole = Math.floor((buffer.length - done) / this.#clusterBytes) * this.#clusterBytes
      if (inside === 0 && whole > 0) {
        await this.#pass(cluster, buffer.subarray(done, done + whole))
        done += whole
      } else {
        const count = Math.min(this.#clusterBytes - inside, buffer.length - done)
        this.#gather(cluster, inside, buffer.subarray(done, done + count))
        done += count
        if (inside + count === this.#clusterBytes) await this.#passGathered()
      }
    }
  }

  async finish(clusters: number): Promise<void> {
    if (this.#gathering >= 0) await this.#passGathered()
    if (this.#nextCluster < clusters) await this.#sink.untouched(this.#nextCluster, clusters)
  }

  #gather(cluster: number, inside: number, part: Buffer): void {
    if (this.#gathering < 0) this.#gathered.fill(0)
    this.#gathering = cluster
    part.copy(this.#gathered, inside)
  }

  async #passGathered(): Promise<void> {
    const cluster = this.#gathering
    this.#gathering = -1
    await this.#pass(cluster, this.#gathered)
  }

  async #pass(first: number, bytes: Buffer): Promise<void> {
    if (this.#nextCluster < first) await this.#sink.untouched(this.#nextCluster, first)
    this.#nextCluster = first + bytes.length / this.#clusterBytes
    await this.#sink.clusters(first, bytes)
  }
}
