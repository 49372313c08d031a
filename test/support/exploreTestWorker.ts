// The worker threads of the pools' tests. Bundled by them (bundleWorker.ts) as the real one is by the build.
import { unitHandler } from '../../host/explore/unitHandler'
import { toyJobs } from './exploreToys'

export default unitHandler(toyJobs)
