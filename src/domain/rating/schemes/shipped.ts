/** The schemes that ship with the program: seed 000 with its real terms as version 1, and one of a single scale as an example. */
import type { Scheme } from '../scheme-schema.ts'
import bandsExample from './bands-example-1.json' with { type: 'json' }
import star from './star-1.json' with { type: 'json' }

/** 星级法律服务所创建方案: five categories of five criteria of 20 points, 90 earn the star (S0). */
export const starScheme = star as unknown as Scheme
/** One scale of 100 points with bands from 75, 80, 85, 90 and 95 (domain.md 2.8); an example, published only by hand. */
export const bandsScheme = bandsExample as unknown as Scheme
