extension Page {
    /// A bar for each channel: rms bright, peak behind it, what was highest as a line.
    static let bars = #"""
        const LOWEST = -70, HIGHEST = 3, TICKS = [-60, -40, -30, -24, -18, -12, -6, -3, 0];
        // How fast a bar falls, dB a second (IEC 60268-10, type I: 20 dB in 1.7 s), and how long the line stays.
        const FALL = 20 / 1.7, HOLD_SECONDS = 2;

        // Where a level stands, 0 … 1: decibels become wider towards the top (IEC 60268-18), and 3 dB follow above it.
        function place(level) {
          if (!isNumber(level) || level <= LOWEST) return 0;
          const top = 107.5, above = Math.min(level, HIGHEST);
          if (above < -60) return (above + 70) * .25 / top;
          if (above < -50) return ((above + 60) * .5 + 2.5) / top;
          if (above < -40) return ((above + 50) * .75 + 7.5) / top;
          if (above < -30) return ((above + 40) * 1.5 + 15) / top;
          if (above < -20) return ((above + 30) * 2 + 30) / top;
          return ((above + 20) * 2.5 + 50) / top;
        }

        for (const tick of TICKS) {
          const mark = document.createElement('b');
          mark.textContent = words(tick, 0);
          mark.style.left = 100 * place(tick) + '%';
          mark.dataset.level = tick;
          find('ticks').append(mark);
        }

        let rows = [], rowNames = '';

        function part(parent, name, kind = 'span') {
          const element = document.createElement(kind);
          element.className = name;
          parent.append(element);
          return element;
        }

        function makeRow(channel) {
          const element = part(find('channels'), 'row', 'div');
          element.setAttribute('role', 'meter');
          element.setAttribute('aria-label', 'Level of ' + channel.name);
          element.setAttribute('aria-valuemin', LOWEST);
          element.setAttribute('aria-valuemax', HIGHEST);
          part(element, 'name').textContent = channel.name;
          const track = part(element, 'track');
          part(track, 'lit', 'i');
          return {
            element, channel, peak: -Infinity, rms: -Infinity, hold: -Infinity, heldAt: 0,
            dim: part(track, 'dim', 'i'), dark: part(track, 'dark', 'i'), line: part(track, 'hold', 'i'),
            peakNumber: part(element, 'number peak'), highest: part(element, 'number max'),
            truePeak: part(element, 'number true'),
            clips: part(element, 'number over'),
          };
        }

        function takeChannels(channels) {
          const names = channels.map(channel => channel.name).join('\n');
          if (names !== rowNames || rows.length !== channels.length) {
            find('channels').replaceChildren();
            rows = channels.map(makeRow);
            rowNames = names;
            find('channels').className = rows.length > 8 ? 'many' : rows.length <= 2 ? 'few' : '';
            document.querySelector('main').classList.toggle('tall', rows.length > 18);
          }
          channels.forEach((channel, index) => rows[index].channel = channel);
        }

        const forgetHolds = () => rows.forEach(row => row.hold = -Infinity);

        // Moves the bars; true while some of them still fall.
        function drawBars(now, elapsed) {
          let moves = false;
          for (const row of rows) {
            const peak = row.channel.peak_dbfs ?? -Infinity, rms = row.channel.rms_dbfs ?? -Infinity;
            const fallen = Math.max(LOWEST - 1, row.peak - FALL * elapsed);
            row.peak = Math.max(peak, fallen);
            row.rms = Math.min(row.peak, Math.max(rms, row.rms - FALL * elapsed));
            if (row.peak >= row.hold) {
              row.hold = row.peak;
              row.heldAt = now;
            } else if (now - row.heldAt > HOLD_SECONDS) {
              row.hold = Math.max(row.peak, row.hold - FALL * elapsed);
            }
            moves ||= row.peak > Math.max(peak, LOWEST - 1) || row.rms > Math.max(rms, LOWEST - 1) || row.hold > row.peak;
            row.dim.style.transform = 'scaleX(' + (1 - place(row.rms)).toFixed(4) + ')';
            row.dark.style.transform = 'scaleX(' + (1 - place(row.peak)).toFixed(4) + ')';
            row.line.style.transform = 'translateX(' + (100 * place(row.hold)).toFixed(2) + '%)';
          }
          return moves;
        }

        function showPeaks() {
          for (const row of rows) {
            const channel = row.channel, clips = channel.clips ?? 0;
            write(row.peakNumber, level(channel.peak_dbfs));
            write(row.highest, level(channel.max_peak_dbfs), peakKind(channel.max_peak_dbfs));
            write(row.truePeak, level(channel.true_peak_dbtp), peakKind(channel.true_peak_dbtp));
            write(row.clips, String(clips), clips > 0 ? 'beyond' : '');
          }
        }
        """#
}
