#!/usr/bin/env python3
"""Parts of manual pages that are written elsewhere: between
    .\\" begin docs/wire.md: A packet
    .\\" end
stands that section of the document, or of a header a struct or an enum, as mdoc.

    man/parts.py            writes them anew
    man/parts.py --check    says which are not as their source has them, and fails
"""
import pathlib
import re
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
BEGIN = re.compile(r'^\.\\" begin (\S+): (.*)$')
END = '.\\" end'
SIGNS = str.maketrans({'─': '-', '▶': '>', '◀': '<', '│': '|', '…': '...', 'µ': r'\(mc', '×': r'\(mu', '÷': r'\(di', '±': r'\(+-'})
CODE_WIDTH = 74


def escaped(text):
    return text.replace('\\', '\\e').translate(SIGNS)


def inline(text):
    """Words of a document: `code`, **bold**, *emphasis*, [links](elsewhere)."""
    pieces = []
    for index, piece in enumerate(re.split(r'(`[^`]*`)', text)):
        if index % 2:
            pieces.append(r'\fB' + escaped(piece[1:-1]) + r'\fP')
            continue
        piece = escaped(re.sub(r'\[([^]]*)\]\([^)]*\)', r'\1', piece))
        piece = re.sub(r'\*\*([^*]+)\*\*', r'\\fB\1\\fP', piece)
        pieces.append(re.sub(r'(?<![\w*])\*([^*]+)\*(?!\w)', r'\\fI\1\\fP', piece))
    return ''.join(pieces)


def sentences(text):
    """Each on a line of its own, as mdoc wants them."""
    text = re.sub(r'(?<=[a-zA-Z0-9)P\]])([.!?]\)?(\\fP)?) +(?=\S)', r'\1\n', text)
    return [line(part) for part in text.split('\n')]


def line(text):
    """A line that is no request, whatever it begins with."""
    return r'\&' + text if text[:1] in ('.', "'", ' ') else text


def literal(lines):
    return ['.Bd -literal'] + [line(escaped(text)) for text in lines] + ['.Ed']


def item(words):
    return '.It "' + r'\&' + words.replace('"', r'\(dq') + '"'


def table(rows):
    cells = [[cell.strip() for cell in re.split(r'(?<!\\)\|', row.strip().strip('|'))] for row in rows]
    out = ['.Bl -tag -width Ds']
    heads, rows = cells[0], cells[2:]
    if any(len(cell) > 24 for row in rows for cell in row[1:-1]):
        # Too long for a line: what each says stands before it.
        for row in rows:
            out.append(item(inline(row[0])))
            for head, cell in zip(heads[1:], row[1:]):
                if cell:
                    out += ['.Em ' + re.sub(r'`', '', head) + ' :', *sentences(inline(cell)), '.br']
            out.pop()
        return out + ['.El']
    if any(heads):
        out.append(item('  '.join(r'\fI' + inline(head) + r'\fP' for head in heads[:-1])))
        out.append(r'\fI' + re.sub(r'\\fB|\\fP', '', inline(heads[-1])) + r'\fP')
    for row in rows:
        tag = '  '.join(inline(cell) for cell in row[:-1] if cell)
        out += [item(tag), *sentences(inline(row[-1]) or r'\&')]
    return out + ['.El']


def bullets(lines):
    entries = []
    for text in lines:
        if text.startswith('- '):
            entries.append([text[2:]])
        else:
            entries[-1].append(text.strip())
    tagged = all(re.match(r'\*\*[^*]+\*\* ', entry[0]) for entry in entries)
    out = ['.Bl -tag -width Ds' if tagged else '.Bl -dash']
    for entry in entries:
        if tagged:
            tag, entry[0] = re.match(r'(\*\*[^*]+\*\*) (.*)', entry[0]).groups()
            out.append(item(inline(tag)))
        else:
            out.append('.It')
        out += sentences(inline('\n'.join(entry)))
    return out + ['.El']


def markdown(path, title):
    lines = (ROOT / path).read_text().split('\n')
    start = lines.index('## ' + title) + 1
    end = next((i for i in range(start, len(lines)) if lines[i].startswith('## ')), len(lines))
    return blocks(lines[start:end])


def blocks(lines):
    out = []
    at = 0
    wants_paragraph = False

    def take(test):
        nonlocal at
        taken = []
        while at < len(lines) and test(lines[at]):
            taken.append(lines[at])
            at += 1
        return taken

    while at < len(lines):
        text = lines[at]
        if not text.strip():
            at += 1
        elif text.startswith('```'):
            kind = text[3:].split(' ')[0]
            at += 1
            body = take(lambda text: not text.startswith('```'))
            at += 1
            # Vectors for tests are no part of a page.
            if kind not in ('hex', 'greeting'):
                out += literal(body)
                wants_paragraph = True
        elif text.startswith('### '):
            at += 1
            out.append('.Ss ' + text[4:])
            wants_paragraph = False
        elif text.startswith('    '):
            body = take(lambda text: text.startswith('    ') or not text.strip())
            while not body[-1].strip():
                body.pop()
            out += literal([text[4:] for text in body])
            wants_paragraph = True
        elif text.startswith('|'):
            out += table(take(lambda text: text.startswith('|')))
            wants_paragraph = True
        elif text.startswith('- '):
            out += bullets(take(lambda text: text.startswith('- ') or text.startswith('  ')))
            wants_paragraph = True
        else:
            body = take(lambda text: text.strip() and not re.match(r'```|###|\||- |    ', text))
            if wants_paragraph:
                out.append('.Pp')
            out += sentences(inline('\n'.join(body)))
            wants_paragraph = True
    return out


def declaration(path, name):
    """A struct, an enum or a macro of a header, in lines that fit a page."""
    text = (ROOT / path).read_text()
    match = (re.search(r'^(typedef )?' + re.escape(name) + r' \{\n.*?\n\}[^\n]*;$', text, re.M | re.S)
             or re.search(r'^#define ' + re.escape(name) + r'\b.*$', text, re.M))
    out = []
    note = None
    for code in match.group(0).split('\n'):
        indent = re.match(r' *', code).group(0)
        whole = re.match(r'^( *)/\* (.*?)( \*/)?$', code)
        if note is not None or whole and not whole.group(3):
            # A comment of several lines becomes one, and is cut again below.
            words = re.sub(r'^ *(/\*|\*)? ?| \*/$', '', code)
            note = words if note is None else note + ' ' + words
            if not code.rstrip().endswith('*/'):
                continue
            out += comment(note, indent[:2])
            note = None
            continue
        if len(code) <= CODE_WIDTH:
            out.append(code)
            continue
        before, sign, words = code.partition('/*')
        if sign:
            out += comment(words.strip().removesuffix('*/').strip(), indent)
        out += textwrap.wrap(before.rstrip(), CODE_WIDTH, subsequent_indent=indent + '    ') if before.strip() else []
    return literal(out)


def comment(words, indent):
    return textwrap.wrap('/* ' + words + ' */', CODE_WIDTH, initial_indent=indent, subsequent_indent=indent + '   ')


def page(text):
    out = []
    lines = iter(text.split('\n'))
    for text in lines:
        out.append(text)
        begin = BEGIN.match(text)
        if not begin:
            continue
        path, name = begin.groups()
        out += markdown(path, name) if path.endswith('.md') else declaration(path, name)
        for text in lines:
            if text == END:
                break
        out.append(END)
    return '\n'.join(out)


def main():
    stale = []
    for path in sorted((ROOT / 'man').glob('*.[1-8]')):
        text = path.read_text()
        fresh = page(text)
        if fresh == text:
            continue
        stale.append(path.name)
        if '--check' not in sys.argv:
            path.write_text(fresh)
    for name in stale:
        print('man/' + name + (': not as its source has it; run make manual' if '--check' in sys.argv else ': written'))
    return 1 if stale and '--check' in sys.argv else 0


if __name__ == '__main__':
    sys.exit(main())
