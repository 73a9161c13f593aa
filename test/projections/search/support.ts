/** A search over a made history: texts by place, subjects that can be closed, organisations in one region. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { createCategories } from '../../../src/commands/categories.ts'
import { createSearch, type SearchPorts } from '../../../src/commands/search.ts'
import { Directory } from '../../../src/projections/directory.ts'
import type { EventLog } from '../../../src/store/port.ts'
import type { AccessLog, Opened, OpenRequest } from '../../../src/trust/ports.ts'
import { randomFrom } from '../history.ts'
import { numberText } from '../support.ts'

const WORDS = [
  '收费',
  '不开收据',
  '张三',
  '李四',
  '公证',
  '费',
  '退还',
  'ABC',
  '１３８',
  '法律援助',
  '。',
  '，',
  ' ',
  '援',
]

/** The text that stands at a place: the same every time, of a few words, so that many match. */
export function textAt({ event, path }: Pick<OpenRequest, 'event' | 'path'>): string {
  let seed = 7
  for (const character of `${event}/${path.join('/')}`) seed = (Math.imul(seed, 31) + character.charCodeAt(0)) | 0
  const random = randomFrom(seed)
  let text = ''
  for (let n = 1 + Math.floor(random() * 6); n > 0; n--) text += WORDS[Math.floor(random() * WORDS.length)]
  return `${text}全`
}

export class FakeVault {
  readonly erased = new Set<string>()
  isReady = true
  async open(requests: readonly OpenRequest[]): Promise<Opened[]> {
    return requests.map((request) => {
      if (!this.isReady) return { unavailable: true }
      if (this.erased.has(request.cipher.sub)) return { erased: true, at: '2026-01-01T00:00:00.000Z', basis: 'test' }
      return textAt(request)
    })
  }
  async ready() {
    return { ok: this.isReady, detail: '' }
  }
}

export const offices = [
  { id: 'office-1', name: '青石法律服务所' },
  { id: 'office-2', name: '公证服务中心' },
]
const divisions: Readonly<Record<string, string>> = { 'org-a': '511702', 'org-b': '511703', 'org-c': '511902' }
export const holderOf = (organisation: string) => ({ organisation, division: divisions[organisation] ?? '', above: [] })

export const categories = createCategories(
  new Directory(),
  { remember: async () => {} },
  {} as Parameters<typeof createCategories>[2],
  () => ({}) as ReturnType<Parameters<typeof createCategories>[3]>,
)

export function searchOver(t: Pick<Test, 'teardown'>, log: EventLog, more: Partial<SearchPorts> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'duban-search-'))
  const vault = new FakeVault()
  const errors: unknown[] = []
  const opened: Parameters<AccessLog['opened']>[0][] = []
  const path = join(directory, 'search.db')
  const make = (other: Partial<SearchPorts> = {}) =>
    createSearch({
      path,
      beside: false,
      log,
      vault,
      people: {
        organisations: () => Object.keys(divisions).map((id) => ({ id })),
        offices: () => offices,
      } as unknown as SearchPorts['people'],
      categories,
      holderOf,
      numberText,
      accessLog: { opened: (entry) => opened.push(entry) },
      onError: (error) => errors.push(error),
      ...more,
      ...other,
    })
  const search = make()
  const all = [search]
  t.teardown(async () => {
    for (const each of all) await each.close()
    rmSync(directory, { recursive: true, force: true })
  })
  /** Another over the same file. */
  const again = (different: Partial<SearchPorts> = {}) => {
    const other = make(different)
    all.push(other)
    return other
  }
  return { search, vault, errors, opened, path, directory, again }
}
