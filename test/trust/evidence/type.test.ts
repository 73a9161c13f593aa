import t from 'tap'
import { detectType } from '../../../src/trust/evidence/type.ts'
import { zipOf } from './zip.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const latin = (text: string) => Buffer.from(text, 'latin1')
const utf8 = (text: string) => Buffer.from(text, 'utf8')
const OFFICE = 'application/vnd.openxmlformats-officedocument'
const contentTypes = (main: string) =>
  utf8(`<?xml version="1.0"?><Types><Override PartName="/x" ContentType="${main}"/></Types>`)

/** One MPEG-1 layer III frame at 128 kbit/s and 44.1 kHz: 417 bytes. */
const mp3Frame = Buffer.concat([hex('fffb9000'), Buffer.alloc(413)])

const accepted: readonly [string, Uint8Array][] = [
  ['application/pdf', utf8('%PDF-1.7\n笔录')],
  ['image/jpeg', hex('ffd8ffe0 0010 4a464946')],
  ['image/png', hex('89504e470d0a1a0a 0000000d')],
  ['image/gif', latin('GIF89a....')],
  ['image/gif', latin('GIF87a....')],
  ['image/tiff', hex('49492a00 08000000')],
  ['image/tiff', hex('4d4d002a 00000008')],
  ['image/webp', latin('RIFF\x10\0\0\0WEBPVP8 ')],
  ['audio/wav', latin('RIFF\x10\0\0\0WAVEfmt ')],
  ['audio/mpeg', latin('ID3\x03\0\0')],
  ['audio/mpeg', Buffer.concat([mp3Frame, mp3Frame])],
  ['audio/mp4', latin('\0\0\0\x20ftypM4A \0\0\0\0')],
  ['video/mp4', latin('\0\0\0\x20ftypisom\0\0\0\0')],
  ['video/mp4', latin('\0\0\0\x20ftypmp42\0\0\0\0')],
  ['text/plain; charset=utf-8', utf8('聊天记录：\r\n\t你好😀')],
  ['text/plain; charset=utf-8', Buffer.concat([hex('efbbbf'), utf8('有 BOM')])],
  ['text/plain; charset=utf-8', latin('plain ascii, 1 < 2\f')],
  ['text/plain; charset=gb18030', hex('c4e3bac3')],
  ['text/plain; charset=gb18030', hex('95328236 c4e3')],
]

const refused: readonly [string, Uint8Array][] = [
  ['Windows program', hex('4d5a90000300000004000000ffff')],
  ['Linux program', hex('7f454c4602010100')],
  ['macOS program', hex('cffaedfe07000001')],
  ['Java class', hex('cafebabe00000034')],
  ['WebAssembly', hex('0061736d01000000')],
  ['shell script', utf8('#!/bin/sh\nrm -rf x')],
  ['HTML', utf8('<!DOCTYPE html><html></html>')],
  ['HTML after a BOM and spaces', Buffer.concat([hex('efbbbf'), utf8(' \n<HTML>')])],
  ['HTML after other words', utf8('你好 <script>alert(1)</script>')],
  ['HTML in GB18030', Buffer.concat([utf8('<html>'), hex('c4e3bac3')])],
  ['SVG', utf8('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  ['XML', utf8('<?xml version="1.0"?><a/>')],
  ['old Word, which may hold macros', hex('d0cf11e0a1b11ae1 00000000')],
  ['RAR', hex('526172211a0700')],
  ['7z', hex('377abcaf271c')],
  ['gzip', hex('1f8b0800')],
  ['UTF-16 text', hex('fffe604f7d59')],
  ['text with NUL', latin('a\0b')],
  ['neither UTF-8 nor GB18030', hex('41ffff41')],
  ['AVI', latin('RIFF\x10\0\0\0AVI LIST')],
  ['HEIC', latin('\0\0\0\x20ftypheic\0\0\0\0')],
  ['one MPEG sync word', Buffer.concat([mp3Frame, Buffer.alloc(20)])],
  ['PDF not at the start', utf8('\0%PDF-1.7')],
  ['a broken zip', latin('PK\x03\x04rest')],
]

t.test('accepted types are told by their content, under any name', async (t) => {
  for (const [type, bytes] of accepted) t.equal(await detectType(bytes, '材料.bin'), type)
})

t.test('programs, active pages and what is not known are refused, under any name', async (t) => {
  for (const [what, bytes] of refused) t.equal(await detectType(bytes, '材料.pdf'), undefined, what)
})

t.test('a name that a desktop would run or render is refused whatever is inside', async (t) => {
  for (const name of ['a.exe', 'a.pdf.BAT', 'a.html', 'x.SVG', 'y.js', 'z.lnk ', 'w.vbs.']) {
    t.equal(await detectType(utf8('%PDF-1.7'), name), undefined, name)
  }
  t.equal(await detectType(utf8('%PDF-1.7'), 'exe.说明.pdf'), 'application/pdf')
})

t.test('a zip is an office document or OFD by what it holds, else refused', async (t) => {
  for (const kind of ['wordprocessingml.document', 'spreadsheetml.sheet', 'presentationml.presentation']) {
    const main = `${OFFICE}.${kind}`
    t.equal(await detectType(zipOf({ '[Content_Types].xml': contentTypes(`${main}.main+xml`) }), 'a'), main)
  }
  t.equal(
    await detectType(zipOf({ 'OFD.xml': utf8('<OFD/>'), 'Doc_0/Document.xml': utf8('<x/>') }), 'a'),
    'application/ofd',
  )
  const word = contentTypes(`${OFFICE}.wordprocessingml.document.main+xml`)
  const macros = contentTypes('application/vnd.ms-word.document.macroEnabled.main+xml')
  const bad: Record<string, Uint8Array> = {
    'an ordinary zip': zipOf({ 'a.exe': utf8('MZ') }),
    'a zip without entries': zipOf({}),
    'macros by type': zipOf({ '[Content_Types].xml': macros }),
    'macros by part': zipOf({ '[Content_Types].xml': word, 'word/vbaProject.bin': utf8('x') }),
    'a name that climbs': zipOf({ '[Content_Types].xml': word, '../../etc/passwd': utf8('x') }),
    'another type': zipOf({ '[Content_Types].xml': contentTypes('application/epub+zip') }),
  }
  for (const [what, bytes] of Object.entries(bad)) t.equal(await detectType(bytes, 'a.docx'), undefined, what)
})

t.test('a zip that would unpack to far more than it says, or has too many entries, is refused', async (t) => {
  const word = contentTypes(`${OFFICE}.wordprocessingml.document.main+xml`)
  const bomb = Buffer.concat([word, Buffer.alloc(2 * 1024 * 1024, ' ')])
  t.equal(await detectType(zipOf({ '[Content_Types].xml': bomb }), 'a'), undefined)
  const lying = zipOf({ '[Content_Types].xml': bomb }, word.length)
  t.equal(await detectType(lying, 'a'), undefined)
  const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`f${i}`, new Uint8Array(0)]))
  t.equal(await detectType(zipOf({ '[Content_Types].xml': word, ...many }), 'a'), undefined)
})
