import t from 'tap'
import { correctedSteps, firstBroken, stateOf } from '../../../src/domain/history.ts'
import { formatCaseNumber, numbersDecider, numbersStream } from '../../../src/domain/registry/numbers.ts'
import { erasureDecider, subjectsDecider } from '../../../src/domain/registry/subjects.ts'
import { type Given, recorded, when } from './scenario.ts'

const allocated = (of: string): Given => ({ type: 'NumberAllocated', data: { case: of } })

t.test('a case has the number after the revision of its allocation, and only one', async (t) => {
  const given = [allocated('complaint-a'), allocated('complaint-b')]
  t.same(
    [...stateOf(numbersDecider, recorded('n', given)).byCase],
    [
      ['complaint-a', 1],
      ['complaint-b', 2],
    ],
  )
  t.same(when(numbersDecider, given, 'allocate', { case: 'complaint-a' }), [])
  t.same(when(numbersDecider, given, 'allocate', { case: 'complaint-c' }), [
    { type: 'NumberAllocated', data: { case: 'complaint-c' } },
  ])
  const twice = recorded('n', [...given, allocated('complaint-a')])
  t.equal(firstBroken(numbersDecider, correctedSteps(twice))?.refusal.code, 'number-already-allocated')
  t.equal(stateOf(numbersDecider, twice).byCase.get('complaint-a'), 1, 'the first stays')
})

t.test('series are per organisation, kind and year; numbers read as in official documents', async (t) => {
  t.equal(numbersStream('o1', 'complaint', 2026), 'numbers-o1:complaint:2026')
  t.equal(
    formatCaseNumber({ abbreviation: '蜀司', year: 2026, kind: 'complaint', number: 12 }),
    '蜀司〔2026〕投字第00012号',
  )
  t.equal(
    formatCaseNumber({ abbreviation: '蜀司', year: 2026, kind: 'visit', number: 123456 }),
    '蜀司〔2026〕访字第123456号',
  )
  t.equal(
    formatCaseNumber({ abbreviation: 'X', year: 2026, kind: 'novel', number: 1 }),
    'X〔2026〕novel字第00001号',
    'an unknown kind is seen',
  )
})

t.test('two different subjects are linked once and may be parted again', async (t) => {
  const link = { a: 's1', b: 's2', ground: 'phone' }
  const linked: Given = { type: 'SubjectsLinked', data: link }
  t.same(when(subjectsDecider, [], 'link', link), [{ type: 'SubjectsLinked', data: link }])
  t.equal(when(subjectsDecider, [], 'link', { ...link, b: 's1' }), 'subjects-same')
  t.equal(when(subjectsDecider, [linked], 'link', link), 'registry-already-registered')
  t.type(when(subjectsDecider, [linked], 'unlink', {}), Array)
  const parted: Given = { type: 'SubjectsUnlinked', data: {} }
  t.same(when(subjectsDecider, [linked, parted], 'unlink', {}), [])
  t.equal(when(subjectsDecider, [], 'unlink', {}), 'subjects-not-linked')
})

t.test('an erasure ends when the keys of every linked subject are gone', async (t) => {
  const asked: Given = { type: 'ErasureRequested', data: { subjects: ['s1', 's2'], ground: 'consent-withdrawn' } }
  const destroyed = (subject: string): Given => ({
    type: 'SubjectKeysDestroyed',
    data: { subject, keys: 2, indexEntries: 1 },
  })
  const done: Given = { type: 'ErasureCompleted', data: {} }
  const broken = (...given: Given[]) => firstBroken(erasureDecider, correctedSteps(recorded('e', given)))?.refusal.code
  t.equal(broken(asked, destroyed('s1'), destroyed('s2'), done), undefined)
  t.equal(broken(asked, destroyed('s1'), done), 'erasure-keys-remain')
  t.equal(broken(destroyed('s1')), 'erasure-not-requested')
  t.equal(broken(asked, destroyed('s3')), 'erasure-not-requested')
  t.equal(broken(asked, destroyed('s1'), destroyed('s2'), done, destroyed('s1')), 'erasure-completed')
  t.same(stateOf(erasureDecider, recorded('e', [asked, destroyed('s1')])), {
    subjects: ['s1', 's2'],
    ground: 'consent-withdrawn',
    destroyed: ['s1'],
    completed: false,
  })
})
