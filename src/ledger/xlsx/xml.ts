/** Streams an XML part as events. Text that is split over chunks, in the middle of a character too, comes out whole. */
import { SaxesParser } from 'saxes'
import { LedgerError } from '../problem.ts'

export interface XmlHandler {
  open?(name: string, attributes: Readonly<Record<string, string>>): void
  text?(text: string): void
  close?(name: string): void
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

/**
 * Feeds the handler, and hands back control after every chunk so that what it has gathered can be taken away.
 * Names come without their namespace prefix. Document types, and with them entities, are refused.
 * @throws LedgerError `workbook-broken`
 */
export async function* parseXml(bytes: AsyncIterable<Uint8Array>, handler: XmlHandler): AsyncGenerator<void> {
  const parser = new SaxesParser()
  const fail = (message: string, cause?: unknown): never => {
    throw new LedgerError('workbook-broken', message, [], { cause })
  }
  parser.on('error', (error) => fail(error.message, error))
  parser.on('doctype', () => fail('document type in a workbook part'))
  if (handler.open) parser.on('opentag', (tag) => handler.open!(localName(tag.name), tag.attributes))
  if (handler.text) {
    parser.on('text', (text) => handler.text!(text))
    parser.on('cdata', (text) => handler.text!(text))
  }
  if (handler.close) parser.on('closetag', (tag) => handler.close!(localName(tag.name)))
  let decoder: InstanceType<typeof TextDecoder> | undefined
  for await (const chunk of bytes) {
    decoder ??= new TextDecoder(chunk[0] === 0xff ? 'utf-16le' : chunk[0] === 0xfe ? 'utf-16be' : 'utf-8')
    parser.write(decoder.decode(chunk, { stream: true }))
    yield
  }
  parser.write(decoder?.decode() ?? '')
  parser.close()
  yield
}

/** Feeds the handler to the end of a part. */
export async function readXml(bytes: AsyncIterable<Uint8Array>, handler: XmlHandler): Promise<void> {
  for await (const _ of parseXml(bytes, handler)) void _
}
