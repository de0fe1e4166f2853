extension Page {
    /// Where readings come from, when they are drawn, and the buttons.
    static let link = #"""
        let newest = null, shown = null, history = [], shownHistory = [], isPaused = false;
        let source = null, lostAt = null, identity = null, heardAt = performance.now(), wait = 500, pending = 0;

        // MARK: drawing

        let isAwake = false, drawnAt = 0, numbersAt = 0, described = null, isNew = false, historyIsNew = true;
        // Thirty pictures a second; a little less, so that a screen of 60 Hz does not miss every other one by a hair.
        const PICTURE = 1000 / 30 - 4;

        function wake() {
          if (isAwake) return;
          isAwake = true;
          requestAnimationFrame(draw);
        }

        function draw(now) {
          if (now - drawnAt < PICTURE) { requestAnimationFrame(draw); return; }
          isAwake = false;
          const elapsed = Math.min(.25, (now - drawnAt) / 1000);
          drawnAt = now;
          if (shown && drawBars(now / 1000, elapsed)) wake();
          if (shown && (isNew || spectrumPlot.isStale)) drawSpectrum(shown.spectrum);
          if (historyIsNew || historyPlot.isStale) drawHistory(shownHistory, target());
          historyIsNew = false;
          if (!shown) { if (spectrumPlot.isStale) drawSpectrum(null); return; }
          // Ten times a second is as fast as figures are read.
          if (isNew && now - numbersAt >= 100) {
            numbersAt = now;
            showNumbers(shown);
            showPeaks();
            isNew = false;
          } else if (isNew) wake();
        }

        function take(reading) {
          newest = reading;
          keep(reading);
          if (isPaused) return;
          shown = reading;
          takeChannels(reading.channels ?? []);
          isNew = true;
          wake();
          showState();
        }

        function keep(reading) {
          if (!isNumber(reading.seconds)) return;
          const second = Math.floor(reading.seconds), last = history.at(-1);
          if (last && second === Math.floor(last[0])) return;
          if (last && second < Math.floor(last[0])) history = [];
          history.push([reading.seconds, reading.momentary_lufs, reading.short_term_lufs, reading.integrated_lufs]);
          if (history.length > KEPT_SECONDS) history.shift();
          if (isPaused) return;
          shownHistory = history;
          historyIsNew = true;
        }

        // MARK: what is said

        let noticeTimer = 0;
        function notify(text, kind = '') {
          clearTimeout(noticeTimer);
          const notice = find('notice');
          notice.hidden = !text;
          notice.className = kind;
          if (notice.textContent !== text) notice.textContent = text;
          if (text && !kind) noticeTimer = setTimeout(() => notice.hidden = true, 8000);
        }

        function showState() {
          const state = find('state');
          const [kind, words] = lostAt !== null ? newest?.ended ? ['', 'Ended'] : ['lost', 'No connection'] : isPaused ? ['held', 'Paused']
            : !newest ? ['', 'Waiting for sound'] : newest.ended ? ['', 'Ended'] : ['live', 'Live'];
          if (state.className !== kind) state.className = kind;
          write(state.querySelector('span'), words);
        }

        // MARK: the connection

        function open() {
          source?.close();
          source = new EventSource('/events');
          source.onerror = lose;
          const on = (name, act) => source.addEventListener(name, event => { heardAt = performance.now(); act(event); });
          on('hello', event => {
            const other = JSON.parse(event.data), isOther = identity !== null && identity !== other;
            identity = other;
            wait = 500;
            if (lostAt !== null) {
              const away = span((performance.now() - lostAt) / 1000);
              lostAt = null;
              notify('Connected again after ' + away + (isOther ? ': the meter was started anew.' : '.'));
            }
            if (isOther) forgetHolds();
            showState();
          });
          on('history', event => {
            history = JSON.parse(event.data);
            if (isPaused) return;
            shownHistory = history;
            historyIsNew = true;
            wake();
          });
          on('levels', event => take(JSON.parse(event.data)));
          on('reset', () => { forgetHolds(); notify('Measures begin anew at ' + new Date().toLocaleTimeString() + '.'); });
          on('alive', () => {});
        }

        async function lose() {
          source?.close();
          source = null;
          if (lostAt === null) lostAt = performance.now();
          showState();
          let why = newest?.ended ? 'The stream ended and its meter is gone.' : 'The connection to the meter is lost.';
          clearTimeout(pending);
          // Events do not say why they are refused; this does.
          try {
            const reply = await fetch('/api/levels', { cache: 'no-store' });
            if (reply.status === 401) why = 'The meter asks for a token now: load the page anew.';
            else if (reply.status === 503 || reply.ok) why = 'The meter has no room for this page now.';
          } catch { }
          if (source) return;
          notify(why + ' Trying again…', 'lost');
          pending = setTimeout(open, wait);
          wait = Math.min(4000, wait * 1.5);
        }

        setInterval(() => {
          if (shown !== described) describe(described = shown);
          // Silence for longer than the server is ever silent means that nobody is there.
          if (source && performance.now() - heardAt > 12000) { heardAt = performance.now(); lose(); }
        }, 1000);
        addEventListener('pagehide', () => source?.close());
        addEventListener('pageshow', event => { if (event.persisted) open(); });

        // MARK: buttons

        find('pause').addEventListener('click', () => {
          isPaused = !isPaused;
          find('pause').setAttribute('aria-pressed', isPaused);
          find('pause').textContent = isPaused ? 'Go on' : 'Pause';
          shownHistory = isPaused ? history.slice() : history;
          historyIsNew = true;
          if (!isPaused && newest) take(newest);
          showState();
          wake();
        });

        find('reset').addEventListener('click', async () => {
          try {
            const reply = await fetch('/api/reset', { method: 'POST' });
            if (!reply.ok) notify('The meter did not begin anew: ' + reply.status + '.', 'lost');
          } catch {
            notify('The meter did not begin anew: no connection.', 'lost');
          }
        });

        const target = () => find('target').value === '' ? null : Number(find('target').value);
        try { find('target').value = localStorage.getItem('aup.target') ?? '-23'; } catch { find('target').value = '-23'; }
        find('target').addEventListener('change', () => {
          try { localStorage.setItem('aup.target', find('target').value); } catch { }
          historyIsNew = true;
          wake();
        });
        matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
          readInk();
          spectrumPlot.isStale = historyPlot.isStale = true;
          wake();
        });

        open();
        showState();
        wake();
        """#
}
