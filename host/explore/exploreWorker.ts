// The entry of the explorer's worker threads: dist/exploreWorker.mjs. Everything that it can do is in exploreJobs.ts.
import { exploreJobs } from './exploreJobs'
import { unitHandler } from './unitHandler'

export default unitHandler(exploreJobs)
