// The worker's entry: dist/worker.mjs. Everything that it can do is in jobs.ts.
import { jobs } from './jobs'
import { serveJobs } from './serveJobs'

serveJobs(jobs)
