/** The demonstration county can begin on any day of the year. */
import { join } from 'node:path'
import t from 'tap'
import { createDemo } from '../src/demo/index.ts'
import { temporaryDirectory } from './support/service.ts'

t.setTimeout(280_000)

for (const until of ['2023-10-05', '2023-12-29', '2024-01-31'] as const)
  t.test(`a county that ends on ${until} and began amid a cycle of ratings`, async (t) => {
    const directory = temporaryDirectory(t)
    const masterKeyFile = join(directory, 'master.key')
    const made = await createDemo({ directory, masterKeyFile, offices: 3, complaints: 5, years: 0.2, until })
    t.equal(made.offices, 3)
  })
