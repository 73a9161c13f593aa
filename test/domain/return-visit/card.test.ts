import t from 'tap'
import { qualityCardDecider, qualityCardStream } from '../../../src/domain/return-visit/index.ts'
import { given } from '../../support/scenario.ts'

const none = () => given(qualityCardDecider)
const [first, next] = ['a'.repeat(64), 'b'.repeat(64)]
const paper = () => none().did('issue', { case: 'c1', form: 'paper' })
const byLink = () =>
  none().did('issue', { case: 'c1', form: 'link', expiresOn: '2026-02-05' }, { facts: { tokenHash: first } })
const back = (more: object = {}) => ({ form: 'link', tokenHash: first, satisfied: true, ...more })

t.test('one card a matter: its stream is the matter’s (S1-7.1)', async (t) => {
  t.equal(qualityCardStream({ category: 'complaint', case: 'c1' }), 'qualitycard-complaint.c1')
  paper().when('issue', { case: 'c1', form: 'paper' }).then({ code: 'quality-card-already-issued', rule: 'S1-7.1' })
})

t.test('the card is filled in when the matter is done, and returned once', async (t) => {
  const returned = paper()
    .when('return', { form: 'paper', satisfied: false, text: '等候太久' })
    .then([{ type: 'QualityCardReturned', data: { text: '等候太久' } }])
  t.match(returned.state, { status: 'returned', satisfied: false })
  returned.when('return', { form: 'paper', satisfied: true }).then('quality-card-already-returned')
  none().when('return', { form: 'paper', satisfied: true }).then('quality-card-not-issued')
  paper().when('return', { form: 'paper', satisfied: true }, { at: '2026-01-04' }).then('step-before-its-predecessor')
})

t.test('a link is good once, until its day, for its own token only', async (t) => {
  byLink().did('return', back())
  byLink()
    .when('return', back({ tokenHash: next }))
    .then('quality-card-link-invalid')
  byLink()
    .when('return', back({ tokenHash: undefined }))
    .then('quality-card-link-invalid')
  byLink()
    .when('return', back(), { at: '2026-02-05T23:59:00+08:00' })
    .then([{ type: 'QualityCardReturned' }])
  byLink().when('return', back(), { at: '2026-02-06' }).then('quality-card-link-invalid')
  paper().when('return', back()).then('quality-card-link-invalid')
  byLink().did('return', back()).when('return', back()).then('quality-card-already-returned')
  t.equal(byLink().did('return', back()).state.tokenHash, undefined, 'nothing of the token is left')
})

t.test('a new link takes the old one’s place', async () => {
  const renewed = byLink().did('renewLink', { expiresOn: '2026-03-05' }, { facts: { tokenHash: next } })
  renewed.when('return', back()).then('quality-card-link-invalid')
  renewed.did('return', back({ tokenHash: next }))
  byLink().when('renewLink', { expiresOn: '2026-03-05' }).then('facts-missing')
  byLink()
    .when('renewLink', { expiresOn: '2026-01-04' }, { facts: { tokenHash: next } })
    .then('date-before-step')
})

t.test('a card by link has a token and a last day, one on paper has neither', async () => {
  const facts = { tokenHash: first }
  none().when('issue', { case: 'c1', form: 'link', expiresOn: '2026-02-05' }).then('facts-missing')
  none().when('issue', { case: 'c1', form: 'link' }, { facts }).then('quality-card-link-incomplete')
  none().when('issue', { case: 'c1', form: 'paper', expiresOn: '2026-02-05' }).then('quality-card-link-incomplete')
  none().when('issue', { case: 'c1', form: 'link', expiresOn: '2026-01-04' }, { facts }).then('date-before-step')
})

t.test('a dissatisfied card is followed up by a return visit', async (t) => {
  const unhappy = paper().did('return', { form: 'paper', satisfied: false })
  const followed = unhappy.did('openFollowUp', { visit: 'visit-1' })
  t.equal(followed.state.followUp, 'visit-1')
  followed.when('openFollowUp', { visit: 'visit-2' }).then('follow-up-already-opened')
  paper()
    .did('return', { form: 'paper', satisfied: true })
    .when('openFollowUp', { visit: 'v' })
    .then('not-dissatisfied')
})
