#!/usr/bin/env python3
"""Presses TAB in a real shell, at a pseudo-terminal.

    tab.py bash|zsh|fish SCRIPTS < lines

SCRIPTS is a folder with completions/aup, site-functions/_aup and vendor_completions.d/aup.fish, as they are installed. Each line
of standard input is typed, and TAB behind it; a line of JSON for each says what then stands on the command line (`line`), what
the terminal showed (`screen`) and how long the shell took (`seconds`). In a line <TAB> is one more TAB, <LEFT> the arrow.
"""
import json
import os
import pty
import re
import select
import signal
import sys
import tempfile
import time

PATIENCE = 20
WAYS = {
    # The key ^T writes the command line down: no other key begins with it, for which the shell would wait.
    'bash': (['bash', '--norc', '--noprofile', '-i'], r'''
PS1='ready> '; HISTFILE=
export BASH_COMPLETION_USER_DIR='{scripts}'
[ -z '{loader}' ] || source '{loader}'
[ -n '{loader}' ] || source '{scripts}/completions/aup'
bind 'set bell-style none' 'set show-all-if-ambiguous on' 'set completion-query-items 0' 'set page-completions off'
bind 'set enable-bracketed-paste off'
write_line() {{ printf %s "$READLINE_LINE" > '{out}.new'; mv '{out}.new' '{out}'; }}
bind -x '"\C-t": write_line'
'''),
    'zsh': (['zsh', '-f', '-i'], r'''
PS1='ready> '; PROMPT_EOL_MARK=; setopt no_beep no_list_beep; zstyle ':completion:*' list-prompt ''; LISTMAX=10000
bindkey -e
fpath=('{scripts}/site-functions' $fpath); autoload -U compinit; compinit -D -u
write_line() {{ print -rn -- "$BUFFER" > '{out}.new'; mv '{out}.new' '{out}' }}
zle -N write_line; bindkey '^T' write_line
'''),
    'fish': (['fish', '--no-config', '-i'], r'''
function fish_prompt; echo 'ready> '; end
function fish_greeting; end
set -g fish_autosuggestion_enabled 0
set -p fish_complete_path '{scripts}/vendor_completions.d'
function write_line; commandline > '{out}.new'; command mv '{out}.new' '{out}'; end
bind \ct write_line
'''),
}


class Shell:
    def __init__(self, name, scripts):
        self.folder = tempfile.mkdtemp()
        self.out = os.path.join(self.folder, 'line')
        loader = '/usr/share/bash-completion/bash_completion'
        loader = loader if os.environ.get('TAB_LOADER') and os.path.exists(loader) else ''
        setup = os.path.join(self.folder, 'setup')
        words, text = WAYS[name]
        with open(setup, 'w') as file:
            file.write(text.format(out=self.out, scripts=scripts, loader=loader))
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.environ.update(TERM='xterm', HOME=self.folder, LC_ALL='C.UTF-8', COLUMNS='200', LINES='50')
            os.execvp(words[0], words)
        import fcntl, struct, termios
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 50, 200, 0, 0))
        self.type(b' source ' + setup.encode() + b'\r')
        # What was typed is echoed, the prompt alone is not.
        self.read_until(lambda text: b'ready> ' in text)

    def type(self, data):
        os.write(self.terminal, data)

    def read_until(self, done):
        text = b''
        end = time.monotonic() + PATIENCE
        while not done(text):
            if time.monotonic() > end:
                raise TimeoutError(text.decode(errors='replace'))
            if select.select([self.terminal], [], [], 0.005)[0]:
                text += os.read(self.terminal, 65536)
        return text

    def complete(self, line):
        if os.path.exists(self.out):
            os.unlink(self.out)
        keys = line.replace('<TAB>', '\t').replace('<LEFT>', '\x1b[D').encode('utf-8', 'surrogateescape')
        self.type(keys)
        # The shell has drawn what was typed when it is asked to complete it, so that the time is that of the TAB.
        self.settle()
        start = time.monotonic()
        self.type(b'\t\x14')
        text = self.read_until(lambda _: os.path.exists(self.out))
        seconds = time.monotonic() - start
        text += self.settle()
        with open(self.out, 'rb') as file:
            typed = file.read()
        # What is typed before the shell has taken the interrupt would go with it.
        self.type(b'\x03')
        self.read_until(lambda text: b'ready> ' in text)
        self.settle()
        return {'line': typed.decode('utf-8', 'backslashreplace').rstrip('\n'), 'screen': plain(text), 'seconds': round(seconds, 4)}

    def settle(self):
        text = b''
        while select.select([self.terminal], [], [], 0.03)[0]:
            text += os.read(self.terminal, 65536)
        return text

    def end(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        for name in os.listdir(self.folder):
            path = os.path.join(self.folder, name)
            if os.path.isfile(path):
                os.unlink(path)


def plain(text):
    """Without what colours and moves."""
    text = re.sub(rb'\x1b\[[0-9;?]*[a-zA-Z]|\x1b[()][A-Z0-9]|\x1b[=>]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)', b' ', text)
    return text.decode('utf-8', 'replace').replace('\r', '')


def main():
    shell = Shell(sys.argv[1], sys.argv[2])
    try:
        for line in sys.stdin.buffer.read().decode('utf-8', 'surrogateescape').splitlines():
            print(json.dumps(shell.complete(line)))
    finally:
        shell.end()


if __name__ == '__main__':
    main()
