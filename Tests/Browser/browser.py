"""A real browser: Chromium, headless, driven through its DevTools protocol; and what is read off the meter's page."""
import base64
import json
import os
import select
import signal
import subprocess
import time

MINUS = '\u2212'


class Browser:
    """One page, through --remote-debugging-pipe: JSON with a NUL behind it, to descriptor 3 and from descriptor 4."""

    def __init__(self, program, folder):
        to_browser, self.to = os.pipe()
        self.of, from_browser = os.pipe()
        # Chromium wants them as 3 and 4, whatever they are here.
        script = f'exec 3<&{to_browser} 4>&{from_browser}; exec "$@"'
        flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
                 '--disable-background-networking', '--disable-component-update', '--disable-sync', '--mute-audio',
                 '--disable-extensions', '--hide-scrollbars', f'--user-data-dir={folder}', '--remote-debugging-pipe',
                 'about:blank']
        self.log = open(os.path.join(folder, 'log'), 'wb')
        self.process = subprocess.Popen(['/bin/bash', '-c', script, 'bash', program] + flags,
                                        pass_fds=[to_browser, from_browser], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log, start_new_session=True)
        os.close(to_browser)
        os.close(from_browser)
        self.rest = b''
        self.number = 0
        self.session = None
        self.events = []
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network'):
            self.call(domain + '.enable')

    def read(self, seconds):
        """The next message."""
        end = time.monotonic() + seconds
        while b'\0' not in self.rest:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.of], [], [], left)[0]:
                raise TimeoutError('the browser says nothing')
            piece = os.read(self.of, 1 << 20)
            if not piece:
                raise EOFError('the browser is gone')
            self.rest += piece
        message, self.rest = self.rest.split(b'\0', 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': parameters}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.to, json.dumps(message).encode() + b'\0')
        while True:
            answer = self.read(60)
            if answer.get('id') == self.number:
                if 'error' in answer:
                    raise RuntimeError(f'{method}: {answer["error"]["message"]}')
                return answer['result']
            self.events.append(answer)

    def ask(self, expression):
        """The value of an expression of the page."""
        answer = self.call('Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in answer:
            raise RuntimeError(f'{expression}: {answer["exceptionDetails"]}')
        return answer['result'].get('value')

    def go(self, url):
        self.call('Page.navigate', url=url)
        wait_for('the page is there', lambda: self.ask('document.readyState') == 'complete')

    def text(self, selector):
        return self.ask(f'document.querySelector({json.dumps(selector)}).innerText')

    def click(self, selector):
        self.ask(f'document.querySelector({json.dumps(selector)}).click()')

    def look(self, width, height, scheme, is_phone=False):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1,
                  mobile=is_phone)
        self.call('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': scheme}])

    def picture(self, path, is_whole=True):
        data = self.call('Page.captureScreenshot', format='png', captureBeyondViewport=is_whole)['data']
        with open(path, 'wb') as file:
            file.write(base64.b64decode(data))

    def processor_seconds(self):
        """What the browser has used of the processors, by kind of process."""
        seconds = {}
        for name in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open(f'/proc/{name}/stat', encoding='utf-8') as file:
                    fields = file.read().rsplit(')', 1)[1].split()
                with open(f'/proc/{name}/cmdline', encoding='utf-8') as file:
                    kind = ([word for word in file.read().replace('\0', ' ').split() if word.startswith('--type=')]
                            + ['--type=browser'])[0][7:]
            except OSError:
                continue
            if int(fields[3]) == self.process.pid:
                used = (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')
                seconds[kind] = seconds.get(kind, 0) + used
        return seconds

    def close(self):
        try:
            self.session = None
            self.call('Browser.close')
            self.process.wait(10)
        except (OSError, EOFError, TimeoutError, RuntimeError, subprocess.TimeoutExpired):
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def wait_for(what, check, seconds=20):
    """Looks again and again; how long it takes is no matter, within reason."""
    end = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError('not seen: ' + what)
        time.sleep(.05)


def number(text):
    try:
        return float(text.replace(MINUS, '-').replace('\u202f', ''))
    except ValueError:
        return None


def place(level):
    """Where a level stands on the scale of the page (IEC 60268-18, and 3 dB more)."""
    for bottom, slope, start in ((-20, 2.5, 50), (-30, 2, 30), (-40, 1.5, 15), (-50, .75, 7.5), (-60, .5, 2.5)):
        if level >= bottom:
            return ((level - bottom) * slope + start) / 107.5
    return max(0, (level + 70) * .25) / 107.5


def bar(browser, row):
    """How far a bar reaches, 0 … 1."""
    return browser.ask(f"""(() => {{
        const track = document.querySelectorAll('#channels .track')[{row}];
        return 1 - track.querySelector('.dark').getBoundingClientRect().width / track.getBoundingClientRect().width;
    }})()""")
