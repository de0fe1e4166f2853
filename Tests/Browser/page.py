#!/usr/bin/env python3
"""The meter's page in a real browser: Chromium, headless, driven through its DevTools protocol.

    page.py RIG CHROMIUM [PICTURES]

RIG serves what this writes to its standard input. Each check prints a line; the last one is `all well`. With a folder
for PICTURES it also leaves there what the page looks like, wide and narrow, dark and light.
"""
import json
import math
import os
import select
import subprocess
import sys
import tempfile
import time

from browser import MINUS, Browser, bar, number, place, wait_for


class Rig:
    """The server, and readings for it."""

    def __init__(self, program, address='127.0.0.1:0', token=''):
        self.process = subprocess.Popen([program, address, token], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, bufsize=1)
        self.url = self.process.stdout.readline().strip()
        if not self.url.startswith('http://'):
            raise RuntimeError(self.url)
        self.port = int(self.url.rstrip('/').rsplit(':', 1)[1])

    def publish(self, reading):
        self.process.stdin.write(json.dumps(reading) + '\n')

    def heard(self, seconds=10):
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            raise TimeoutError('the rig says nothing')
        return self.process.stdout.readline().strip()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        self.process.stdin.close()
        self.process.wait(10)
        return self.process.stdout.read()


BANDS = [20 * 1000 ** (index / 119) for index in range(120)]


def reading(seconds, level=-12.0, names=('FL', 'FR'), **changes):
    """Something that a meter might say."""
    def channel(index, name):
        own = level - 1.3 * index
        return {'name': name, 'peak_dbfs': own, 'true_peak_dbtp': own + .4, 'rms_dbfs': own - 9.5,
                'max_peak_dbfs': own + 3, 'clips': 0}

    def band(hz, extra):
        octave = math.log2(hz / 90)
        return round(level - 16 - abs(octave) * 5 + 4 * math.sin(hz ** .4 + seconds * 3) + extra, 2)
    result = {
        'seconds': seconds, 'frames': int(seconds * 48000), 'rate': 48000,
        'channels': [channel(index, name) for index, name in enumerate(names)],
        'momentary_lufs': level - 10 + 2 * math.sin(seconds), 'short_term_lufs': level - 10.4 + math.sin(seconds / 7),
        'integrated_lufs': level - 11.1, 'lra_lu': 5.4, 'max_momentary_lufs': level - 6.5,
        'max_short_term_lufs': level - 8.8, 'true_peak_dbtp': level + 3.4, 'correlation': .62, 'silent_seconds': 0,
        'spectrum': {'hz': BANDS, 'dbfs': [band(hz, 0) for hz in BANDS], 'hold_dbfs': [band(hz, 6) for hz in BANDS]},
        'format': 'f32 48000 Hz 2 ch', 'source': 'alsa:hw:0', 'gaps': 0, 'lost_frames': 0, 'xruns': 0,
        'latency_ms': 12.4, 'ended': False,
    }
    result.update(changes)
    return result


def check_values(browser, rig):
    """Shown is what was published."""
    for seconds, level in ((10.0, -23.4), (11.0, -6.2)):
        said = reading(seconds, level)
        rig.publish(said)
        for name, digits in (('momentary_lufs', 1), ('short_term_lufs', 1), ('integrated_lufs', 1), ('lra_lu', 1),
                             ('max_momentary_lufs', 1), ('max_short_term_lufs', 1), ('true_peak_dbtp', 1),
                             ('correlation', 2), ('latency_ms', 1)):
            wait_for(f'{name} {said[name]:.{digits}f}',
                     lambda: browser.text(f'[data-value={name}]').replace(MINUS, '-') == f'{said[name]:.{digits}f}')
        for index, channel in enumerate(said['channels']):
            row = f'#channels .row:nth-child({index + 1}) '
            for part, key in (('.peak', 'peak_dbfs'), ('.max', 'max_peak_dbfs')):
                wait_for(key, lambda: browser.text(row + part).replace(MINUS, '-') == f'{channel[key]:.1f}')
        seen = browser.ask("fetch('/api/levels').then(reply => reply.json())")
        assert seen == json.loads(json.dumps(said)), 'the JSON is not what was published'
    assert browser.text('[data-text=format]') == 'f32 48000 Hz 2 ch'
    assert browser.text('#time') == '0:11'
    print('values equal the JSON')


def check_bars(browser, rig):
    """Bars go to where the levels are, up at once and down in time."""
    places = []
    for seconds, level in ((12.0, -40.0), (13.0, -3.0), (14.0, -30.0)):
        rig.publish(reading(seconds, level))
        for row, own in enumerate((level, level - 1.3)):
            wait_for(f'a bar at {own}', lambda: abs(bar(browser, row) - place(own)) < .012)
        places.append(bar(browser, 0))
    assert places[1] > places[0] + .4 and places[2] < places[1] - .4, places
    print('bars move with the levels')


def check_silence(browser, rig):
    silence = reading(15.0)
    silence['channels'] = [{**channel, 'peak_dbfs': None, 'rms_dbfs': None} for channel in silence['channels']]
    for name in ('momentary_lufs', 'short_term_lufs', 'integrated_lufs', 'correlation'):
        silence[name] = None
    silence['silent_seconds'] = 75
    silence['spectrum']['dbfs'] = [None] * len(BANDS)
    rig.publish(silence)
    wait_for('silence', lambda: browser.text('#channels .row:nth-child(1) .peak') == MINUS + '∞')
    wait_for('no loudness', lambda: browser.text('[data-value=momentary_lufs]') == '–')
    wait_for('the bar at rest', lambda: bar(browser, 0) < .01)
    assert browser.text('#silent') == '1:15'
    print('silence is shown as such')


def check_buttons(browser, rig):
    rig.publish(reading(16.0, -20))
    wait_for('a level', lambda: number(browser.text('#channels .row:nth-child(1) .peak')) == -20)
    browser.click('#pause')
    wait_for('paused', lambda: browser.text('#state') == 'Paused')
    rig.publish(reading(17.0, -10))
    time.sleep(.5)
    assert number(browser.text('#channels .row:nth-child(1) .peak')) == -20, 'a page that is paused went on'
    browser.click('#pause')
    wait_for('going on', lambda: number(browser.text('#channels .row:nth-child(1) .peak')) == -10)
    browser.click('#reset')
    assert rig.heard() == 'reset'
    wait_for('a word about it', lambda: browser.text('#notice').startswith('Measures begin anew'))
    print('pause and reset do so')


def check_layouts(browser, rig):
    """Nothing is wider than the page, however narrow, and many channels are as many bars."""
    def is_narrow():
        return browser.ask('document.documentElement.scrollWidth <= innerWidth')
    for seconds, names in ((18.0, ('FL', 'FR')), (19.0, [f'AUX{index}' for index in range(64)])):
        rig.publish(reading(seconds, names=names))
        wait_for('bars', lambda: browser.ask("document.querySelectorAll('#channels .row').length") == len(names))
        for width in (320, 360, 768, 1280):
            browser.look(width, 800, 'dark', width < 700)
            wait_for(f'no more than {width} pixels', is_narrow)
    rig.publish(reading(20.0))

    def is_told():
        meters = browser.ask("""[...document.querySelectorAll('[role=meter]')].map(one => [
            one.getAttribute('aria-label') ?? one.getAttribute('aria-labelledby'), one.getAttribute('aria-valuenow')])""")
        return len(meters) == 3 and all(name and value for name, value in meters)
    wait_for('words for who listens to the page', is_told)
    print('fits a phone, and 64 channels')


def check_restart(browser, rig):
    """A killed server comes back at its port, and the page with it."""
    program = rig.process.args[0]
    rig.kill()
    wait_for('the loss', lambda: browser.text('#state') == 'No connection')
    wait_for('what it does about it', lambda: 'Trying again' in browser.text('#notice'))
    again = Rig(program, f'127.0.0.1:{rig.port}')
    again.publish(reading(1.0, -33))
    wait_for('the connection', lambda: browser.text('#state') == 'Live', 30)
    wait_for('its words', lambda: 'started anew' in browser.text('#notice'))
    wait_for('a new level', lambda: number(browser.text('#channels .row:nth-child(1) .peak')) == -33)
    print('survives a restart')
    again.publish(reading(2.0, -33, ended=True))
    wait_for('the end', lambda: browser.text('#state') == 'Ended')
    said = again.end()
    assert said.startswith('sent 2 skipped 0'), said
    print('says that it ended')


def check_token(browser, program):
    """A token once, then a cookie, and nothing of it in the address."""
    token = 'correct.horse_battery-staple'
    rig = Rig(program, token=token)
    rig.publish(reading(1.0, -21))
    browser.go(rig.url)
    assert 'token' in browser.text('form').lower()
    browser.ask(f"document.querySelector('#token').value = '{token}'; document.querySelector('form').submit()")
    wait_for('the page', lambda: browser.ask("!!document.querySelector('#channels .row')"))
    assert browser.ask('location.href') == rig.url, 'the token is still in the address'
    assert browser.ask('document.cookie') == '', 'a script can read the cookie'
    wait_for('levels', lambda: number(browser.text('#channels .row:nth-child(1) .peak')) == -21)
    browser.go('about:blank')
    browser.go(rig.url)
    wait_for('the page again', lambda: browser.ask("!!document.querySelector('#channels .row')"))
    rig.end()
    print('a token opens it')


def check_strangers(browser, program):
    """Another origin reads nothing and presses nothing."""
    rig, other = Rig(program), Rig(program)
    rig.publish(reading(1.0))
    other.publish(reading(1.0))
    browser.go(other.url)
    for how in ("fetch('{}api/levels')", "fetch('{}api/levels', {{mode: 'no-cors'}})",
                "fetch('{}api/reset', {{method: 'POST'}})"):
        blocked = browser.ask(how.format(rig.url) + ".then(reply => 'read ' + reply.type, () => 'refused')")
        assert blocked == 'refused', (how, blocked)
    # The page's own policy kept these at home; a page without one is asked next.
    browser.call('Page.setBypassCSP', enabled=True)
    browser.go(other.url)
    for how, wanted in (("fetch('{}api/levels')", ('refused',)),
                        ("fetch('{}api/levels', {{mode: 'no-cors'}})", ('refused', 'read opaque')),
                        ("fetch('{}api/reset', {{method: 'POST', mode: 'no-cors'}})", ('refused', 'read opaque'))):
        blocked = browser.ask(how.format(rig.url) + ".then(reply => 'read ' + reply.type, () => 'refused')")
        assert blocked in wanted, (how, blocked)
    browser.call('Page.setBypassCSP', enabled=False)
    said = rig.end()
    assert 'reset' not in said, said
    other.end()
    print('other origins read nothing')


def check_work(browser, rig):
    """What thirty readings a second cost. A browser that is busy misses some; the last one it gets."""
    browser.ask("window.seen = 0; source.addEventListener('levels', () => window.seen++); 0")
    start, began = browser.processor_seconds(), time.monotonic()
    for index in range(150):
        rig.publish(reading(20 + index / 30, -18 + 6 * math.sin(index / 5)))
        time.sleep(1 / 30)
    wait_for('the last one', lambda: browser.text('#time') == '0:24')
    took, now = time.monotonic() - began, browser.processor_seconds()
    seen = browser.ask('window.seen')
    shares = ', '.join(f'{kind} {100 * (now[kind] - start.get(kind, 0)) / took:.0f} %' for kind in sorted(now))
    print(f'at 30 readings a second, of which it got {seen} of 150, the browser takes of a core: {shares}')


def take_pictures(browser, program, folder):
    rig = Rig(program)
    browser.look(1280, 800, 'dark')
    browser.go(rig.url)
    for second in range(300):
        level = -12 + 4 * math.sin(second / 23) + 2 * math.sin(second / 3)
        rig.publish(reading(100 + second, level, integrated_lufs=-22.4 + 1.5 * math.exp(-second / 40),
                            short_term_lufs=-22.6 + 3 * math.sin(second / 23) + .4 * math.sin(second / 3 - 1)))
        time.sleep(.002)
    shown = reading(400.0, -7.8)
    shown['channels'][0].update(max_peak_dbfs=-.4)
    shown.update(gaps=1, lost_frames=1024, true_peak_dbtp=-.2, integrated_lufs=-22.4, short_term_lufs=-20.8)
    for _ in range(3):
        rig.publish(shown)
        time.sleep(.2)
    browser.ask("document.querySelector('#notice').hidden = true")
    for name, width, height, scheme in (('dark', 1280, 800, 'dark'), ('light', 1280, 800, 'light'),
                                        ('phone-dark', 360, 740, 'dark'), ('phone-light', 360, 740, 'light')):
        browser.look(width, height, scheme, width < 700)
        rig.publish(shown)
        time.sleep(.6)
        browser.picture(os.path.join(folder, name + '.png'))
    names = ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR'] + [f'A{index}' for index in range(10)]
    rig.publish(reading(401.0, -10, names=names, format='f32 48000 Hz 16 ch'))
    browser.look(1280, 800, 'dark')
    time.sleep(.6)
    browser.picture(os.path.join(folder, 'many.png'))
    rig.end()


def main():
    program, chromium = sys.argv[1:3]
    pictures = sys.argv[3] if len(sys.argv) > 3 else None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(chromium, folder)
        try:
            rig = Rig(program)
            browser.look(1280, 800, 'dark')
            browser.go(rig.url)
            check_values(browser, rig)
            check_bars(browser, rig)
            check_silence(browser, rig)
            check_buttons(browser, rig)
            check_layouts(browser, rig)
            check_work(browser, rig)
            check_restart(browser, rig)
            check_token(browser, program)
            if pictures:
                take_pictures(browser, program, pictures)
            # What a page loads from elsewhere, and what its policy or its script trips over.
            complaints = [event for event in browser.events if event.get('method') == 'Runtime.exceptionThrown'
                          or (event.get('method') == 'Log.entryAdded'
                              and event['params']['entry'].get('source') in ('security', 'violation', 'javascript'))]
            assert not complaints, complaints[:3]
            asked = {event['params']['request']['url'] for event in browser.events
                     if event.get('method') == 'Network.requestWillBeSent'}
            elsewhere = [url for url in asked if not url.startswith(('http://127.0.0.1:', 'data:', 'about:'))]
            assert not elsewhere, elsewhere
            print('loads nothing from elsewhere')
            check_strangers(browser, program)
        finally:
            browser.close()
    print('all well')


main()
