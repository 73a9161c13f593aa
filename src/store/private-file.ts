/** Files of the data directory that only their owner reads, also where somebody opened the directory around them. */
import { chmodSync, closeSync, openSync, statSync } from 'node:fs'

/** Rights of the group and of everybody else. */
const OTHERS = 0o077

/**
 * To be called before SQLite opens a file: makes it, mode 0600, where it is not there, and takes the rights of others away where it is. SQLite
 * gives the files beside it the same mode. A file that is there is never opened: closing it would give up this process's locks on it.
 */
export function makePrivate(path: string): void {
  if (path === ':memory:') return
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    // What else the file system has against it SQLite is told too, and says it with its own code.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return
    if ((statSync(path).mode & OTHERS) !== 0) chmodSync(path, 0o600)
  }
}
