#!/usr/bin/env python3
"""The page of `aup meter --web` itself in a real browser, while sound passes.

    meter.py AUP CHROMIUM [PICTURE]

Each check prints a line; the last one is `all well`. With a name for a PICTURE it also leaves there what the page looks
like half a minute into something like music, made by sox.
"""
import array
import json
import math
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import wave

from browser import MINUS, Browser, bar, number, place, wait_for

AUP, CHROMIUM = (os.path.abspath(word) for word in sys.argv[1:3])
RATE = 48000


class Meter:
    """A simulated device that is heard by a meter with a page; the sound goes nowhere."""

    def __init__(self, sound, folder, port=0):
        self.process = subprocess.Popen([AUP, 'meter', '-i', f'sim:{sound}', '--web', f'127.0.0.1:{port}'], cwd=folder,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        text=True)
        said = ''
        while not (found := re.search(r'http://127\.0\.0\.1:(\d+)/', said)):
            line = self.process.stderr.readline()
            if not line:
                raise RuntimeError(said)
            said += line
        self.url, self.port = found.group(), int(found.group(1))

    def levels(self):
        def newest():
            try:
                with urllib.request.urlopen(self.url + 'api/levels', timeout=10) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                # There is none yet.
                if error.code != 503:
                    raise
                return None
        return wait_for('a reading', newest)

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.stderr.read()
        return self.process.wait(20)


def steps(path):
    """Two seconds of -6 dB left and -16 dB right, two of -22 and -28 dB, 1 kHz: a bar falls by 12 dB a second."""
    with wave.open(path, 'wb') as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for levels in ((-6, -16), (-22, -28)):
            one = array.array('h')
            for frame in range(RATE // 1000):
                for level in levels:
                    one.append(round(32767 * 10 ** (level / 20) * math.sin(2 * math.pi * frame * 1000 / RATE)))
            file.writeframes(one.tobytes() * 2000)


def check_values(browser, meter):
    """What stands still is on the page as it is in the JSON: a steady tone, when the longest window is full of it."""
    wait_for('three seconds', lambda: meter.levels()['seconds'] > 3.5)
    said = meter.levels()
    assert abs(said['momentary_lufs'] + 20) < .05 and abs(said['short_term_lufs'] + 20) < .05, said
    assert [channel['name'] for channel in said['channels']] == ['FL', 'FR'], said
    shown = 0
    for name, digits in (('momentary_lufs', 1), ('short_term_lufs', 1), ('integrated_lufs', 1), ('lra_lu', 1),
                         ('max_momentary_lufs', 1), ('max_short_term_lufs', 1), ('true_peak_dbtp', 1),
                         ('correlation', 2)):
        wait_for(f'{name} {said[name]}',
                 lambda: browser.text(f'[data-value={name}]').replace(MINUS, '-') == f'{said[name]:.{digits}f}')
        shown += 1
    for index, channel in enumerate(said['channels']):
        row = f'#channels .row:nth-child({index + 1}) '
        for part, key in (('.peak', 'peak_dbfs'), ('.max', 'max_peak_dbfs')):
            wait_for(key, lambda: browser.text(row + part).replace(MINUS, '-') == f'{channel[key]:.1f}')
            shown += 1
        wait_for('the bar', lambda: abs(bar(browser, index) - place(channel['peak_dbfs'])) < .02)
    assert browser.text('[data-text=format]') == said['format']
    assert 'sim:' in browser.text('#source'), browser.text('#source')
    assert len(said['spectrum']['hz']) > 100, 'no fine bands'
    loudest = max(range(len(said['spectrum']['hz'])), key=lambda band: said['spectrum']['dbfs'][band] or -999)
    assert .97 < said['spectrum']['hz'][loudest] / 997 < 1.06, said['spectrum']['hz'][loudest]
    print(f'{shown} values are those of the JSON, and so are the bars')


def check_reset(browser, meter):
    before = meter.levels()['seconds']
    browser.click('#reset')
    wait_for('a new beginning', lambda: meter.levels()['seconds'] < before)
    wait_for('a word about it', lambda: browser.text('#notice').startswith('Measures begin anew'))
    print('measures begin anew when the page asks')


def check_moves(browser, meter):
    """Bars are where the sound is, each time that it becomes louder and softer."""
    both = """fetch('/api/levels').then(reply => reply.json())
        .then(reading => reading.channels.map(one => one.peak_dbfs))"""
    for level, other in ((-6, -16), (-22, -28), (-6, -16)):
        def is_there():
            said = browser.ask(both)
            if any(abs((one if one is not None else -999) - wanted) > .1 for one, wanted in zip(said, (level, other))):
                return False
            return all(abs(bar(browser, row) - place(wanted)) < .02 for row, wanted in enumerate((level, other)))
        wait_for(f'bars at {level} and {other}', is_there, 30)
        wait_for('the number', lambda: number(browser.text('#channels .row:nth-child(1) .peak')) == level, 30)
    print('bars move with the sound')


def take_picture(browser, folder, path):
    sound = os.path.join(folder, 'music.wav')
    subprocess.run(['sox', '-n', '-R', '-r', str(RATE), '-c', '2', '-b', '24', sound, 'synth', '40', 'pluck', '110',
                    'pluck', '164.8', 'synth', '40', 'sine', 'mix', '659', 'sine', 'mix', '880', 'synth', '40',
                    'pinknoise', 'mix', 'pinknoise', 'mix', 'tremolo', '0.3', '70', 'echo', '0.8', '0.8', '370', '0.4',
                    'gain', '-n', '-9'], check=True)
    meter = Meter('music.wav', folder)
    browser.look(1280, 800, 'dark')
    browser.go(meter.url)
    wait_for('half a minute', lambda: meter.levels()['seconds'] > 30, 60)
    browser.picture(path)
    meter.end()


def main():
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        steps(os.path.join(folder, 'steps.wav'))
        browser = Browser(CHROMIUM, folder)
        try:
            browser.look(1280, 800, 'dark')
            meter = Meter('sine?level=-20&freq=997', folder)
            browser.go(meter.url)
            check_values(browser, meter)
            check_reset(browser, meter)
            meter.end(signal.SIGKILL)
            wait_for('the loss', lambda: browser.text('#state') == 'No connection')
            meter = Meter('steps.wav', folder, meter.port)
            wait_for('the connection', lambda: browser.text('#state') == 'Live', 30)
            wait_for('its words', lambda: 'started anew' in browser.text('#notice'))
            print('survives a restart')
            check_moves(browser, meter)
            assert meter.end() == 0
            wait_for('the end', lambda: browser.text('#state') == 'Ended')
            print('says that it ended')
            if len(sys.argv) > 3:
                take_picture(browser, folder, os.path.abspath(sys.argv[3]))
        finally:
            browser.close()
    print('all well')


main()
