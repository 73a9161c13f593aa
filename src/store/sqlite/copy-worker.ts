/** Thread that checks one copy and answers once. */
import { parentPort, workerData } from 'node:worker_threads'
import { checkCopyHere } from './copy.ts'

const { path, what } = workerData as { path: string; what: 'events' | 'vault' }
parentPort!.postMessage(await checkCopyHere(path, what))
