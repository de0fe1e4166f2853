extension Page {
    /// Words for numbers, and the numbers on the page.
    static let numbers = #"""
        const find = id => document.getElementById(id);
        const all = query => [...document.querySelectorAll(query)];
        const isNumber = value => typeof value === 'number' && isFinite(value);

        // "−12.3", "–" where there is no value, and never "−0.0".
        function words(value, digits = 1) {
          if (!isNumber(value)) return '–';
          const text = value.toFixed(digits);
          return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '\u2212');
        }

        // A level of which there is none is silence.
        const level = value => isNumber(value) ? words(value) : '\u2212\u221e';

        function span(seconds) {
          if (!isNumber(seconds)) return '–';
          const whole = Math.floor(seconds), two = number => String(number).padStart(2, '0');
          const hours = Math.floor(whole / 3600);
          return (hours ? hours + ':' + two(Math.floor(whole / 60) % 60) : Math.floor(whole / 60)) + ':' + two(whole % 60);
        }

        // Text is set only where it changes, so that nothing is laid out anew for nothing.
        function write(element, text, kind = '') {
          if (element.textContent !== text) element.textContent = text;
          for (const name of ['near', 'beyond']) element.classList.toggle(name, name === kind);
        }

        const peakKind = value => !isNumber(value) ? '' : value > 0 ? 'beyond' : value > -1 ? 'near' : '';

        const values = all('[data-value]'), counts = all('[data-count]'), texts = all('[data-text]');

        function showNumbers(reading) {
          for (const element of values) {
            const name = element.dataset.value;
            const text = words(reading[name], Number(element.dataset.digits ?? 1));
            write(element, text, name === 'true_peak_dbtp' ? peakKind(reading[name]) : '');
          }
          for (const element of counts) {
            const count = reading[element.dataset.count];
            write(element, isNumber(count) ? count.toLocaleString('en').replaceAll(',', '\u202f') : '–',
              count > 0 ? 'near' : '');
          }
          for (const element of texts) write(element, String(reading[element.dataset.text] ?? '–'));
          write(find('source'), reading.source ?? '');
          write(find('time'), span(reading.seconds));
          const silent = reading.silent_seconds;
          write(find('silent'), isNumber(silent) && silent > 0 ? span(silent) : '–', silent >= 5 ? 'near' : '');
          const correlation = isNumber(reading.correlation) ? reading.correlation : 0;
          find('needle').style.transform = 'scaleX(' + correlation.toFixed(3) + ')';
          find('balance').classList.toggle('against', correlation < 0);
        }

        // For who listens to the page: once a second, not with every picture.
        function describe(reading) {
          const balance = find('balance');
          balance.setAttribute('aria-valuenow', words(reading.correlation ?? 0, 2).replace('\u2212', '-'));
          for (const row of rows) {
            const channel = row.channel;
            row.element.setAttribute('aria-valuenow', Math.max(LOWEST, channel.peak_dbfs ?? LOWEST).toFixed(1));
            row.element.setAttribute('aria-valuetext', 'peak ' + level(channel.peak_dbfs) + ' dBFS, RMS ' +
              level(channel.rms_dbfs) + ', highest ' + level(channel.max_peak_dbfs) + ', ' + (channel.clips ?? 0) + ' clips');
          }
        }
        """#
}
