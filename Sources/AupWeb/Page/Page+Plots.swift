extension Page {
    /// The spectrum and the loudness of the last minutes.
    static let plots = #"""
        const ink = {};
        function readInk() {
          const style = getComputedStyle(document.documentElement);
          for (const name of ['text', 'quiet', 'grid', 'sound', 'fill', 'near', 'over', 'm', 'i', 'panel']) {
            ink[name] = style.getPropertyValue('--' + name).trim();
          }
        }
        ink.font = getComputedStyle(document.body).fontFamily;
        readInk();

        // A canvas with as many dots as the screen has for it, and a frame to draw in.
        class Plot {
          constructor(id) {
            this.canvas = find(id);
            this.pen = this.canvas.getContext('2d');
            this.isStale = true;
            this.width = this.height = 0;
            // Asked for when it changes only: asking lays the page out.
            new ResizeObserver(entries => {
              ({ width: this.width, height: this.height } = entries.at(-1).contentRect);
              this.isStale = true;
              wake();
            }).observe(this.canvas);
          }
          begin(left, right, top, bottom) {
            const ratio = window.devicePixelRatio || 1, width = this.width, height = this.height;
            if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
              this.canvas.width = Math.round(width * ratio);
              this.canvas.height = Math.round(height * ratio);
            }
            this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
            this.pen.clearRect(0, 0, width, height);
            this.pen.font = '11px ' + ink.font;
            this.box = { left, top, right: width - right, bottom: height - bottom };
            this.isStale = false;
            return this.box;
          }
          // What stays as it is while the box and the colours do is drawn once and copied.
          frame(key, paint) {
            key += ' ' + this.canvas.width + ' ' + this.canvas.height + ' ' + ink.text;
            if (this.frameKey !== key) {
              const copy = document.createElement('canvas'), pen = this.pen;
              copy.width = this.canvas.width;
              copy.height = this.canvas.height;
              this.pen = copy.getContext('2d');
              this.pen.setTransform(pen.getTransform());
              this.pen.font = pen.font;
              paint();
              this.pen = pen;
              this.background = copy;
              this.frameKey = key;
            }
            if (this.background.width) this.pen.drawImage(this.background, 0, 0, this.width, this.height);
          }
          line(x0, y0, x1, y1, colour, width = 1, dash = []) {
            const pen = this.pen;
            pen.beginPath();
            pen.moveTo(x0, y0);
            pen.lineTo(x1, y1);
            pen.strokeStyle = colour;
            pen.lineWidth = width;
            pen.setLineDash(dash);
            pen.stroke();
            pen.setLineDash([]);
          }
          text(words, x, y, align, baseline = 'alphabetic') {
            this.pen.fillStyle = ink.quiet;
            this.pen.textAlign = align;
            this.pen.textBaseline = baseline;
            this.pen.fillText(words, x, y);
          }
          // Decibels at the left, with a line each.
          rungs(lowest, highest, step) {
            const { left, right } = this.box;
            for (let value = lowest; value <= highest; value += step) {
              const y = Math.round(this.y(value)) + .5;
              this.line(left, y, right, y, ink.grid);
              this.text(words(value, 0), left - 6, y, 'right', 'middle');
            }
          }
          scale(lowest, highest) {
            const { top, bottom } = this.box;
            this.y = value => bottom - (Math.max(lowest, Math.min(highest, value)) - lowest) / (highest - lowest) * (bottom - top);
          }
          // A curve through points, broken where there is none.
          curve(points, colour, width, dash = []) {
            const pen = this.pen;
            pen.beginPath();
            let isDrawing = false;
            for (const [x, y] of points) {
              if (!isNumber(y)) { isDrawing = false; continue; }
              if (isDrawing) pen.lineTo(x, y); else pen.moveTo(x, y);
              isDrawing = true;
            }
            pen.strokeStyle = colour;
            pen.lineWidth = width;
            pen.lineJoin = 'round';
            pen.setLineDash(dash);
            pen.stroke();
            pen.setLineDash([]);
          }
        }

        const spectrumPlot = new Plot('spectrum'), historyPlot = new Plot('history');
        const hertz = value => value >= 1000 ? (value / 1000).toFixed(value % 1000 ? 1 : 0) + ' k' : Math.round(value) + '';
        const FLOOR = -90;
        let pointed = null;

        function drawSpectrum(spectrum) {
          const plot = spectrumPlot, { left, right, top, bottom } = plot.begin(34, 6, 8, 22);
          plot.scale(FLOOR, 0);
          const hz = spectrum?.hz ?? [];
          const lowest = 20, highest = Math.max(20000, hz.at(-1) ?? 0);
          const x = value => left + Math.log(Math.max(value, lowest) / lowest) / Math.log(highest / lowest) * (right - left);
          plot.frame(highest, () => {
            plot.rungs(FLOOR, 0, 15);
            for (const decade of [10, 100, 1000, 10000]) {
              for (let times = 1; times < 10; times++) {
                const value = decade * times, at = Math.round(x(value)) + .5;
                if (value < lowest || value > highest) continue;
                plot.line(at, top, at, bottom, ink.grid, times === 1 ? 1 : .5);
              }
            }
            const labels = right - left < 420 ? [20, 100, 500, 2000, 10000]
              : [20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000];
            for (const value of labels) {
              const align = value === 20 ? 'left' : value === 20000 && highest < 22000 ? 'right' : 'center';
              plot.text(hertz(value) + (value === labels.at(-1) ? 'Hz' : ''), x(value), bottom + 15, align);
            }
          });
          plot.band = null;
          if (!hz.length) return;
          const level = index => isNumber(spectrum.dbfs[index]) ? spectrum.dbfs[index] : FLOOR;
          const pen = plot.pen;
          // A band reaches half way to its neighbours.
          const edge = index => index <= 0 ? x(hz[0] * Math.sqrt(hz[0] / (hz[1] ?? hz[0] * 1.26)))
            : index >= hz.length ? Math.min(right, x(hz.at(-1) * Math.sqrt(hz.at(-1) / (hz.at(-2) ?? hz.at(-1) / 1.26))))
            : x(Math.sqrt(hz[index - 1] * hz[index]));
          const isCoarse = hz.length <= 64, gap = isCoarse ? 1 : 0;
          if (isCoarse) {
            for (let index = 0; index < hz.length; index++) {
              const from = edge(index), to = edge(index + 1), y = plot.y(level(index));
              pen.fillStyle = ink.fill;
              pen.fillRect(from, y, to - from - gap, bottom - y);
              pen.fillStyle = ink.sound;
              if (level(index) > FLOOR) pen.fillRect(from, y, to - from - gap, 2);
            }
          } else {
            const points = hz.map((value, index) => [x(value), plot.y(level(index))]);
            pen.beginPath();
            pen.moveTo(points[0][0], bottom);
            points.forEach(point => pen.lineTo(...point));
            pen.lineTo(points.at(-1)[0], bottom);
            pen.fillStyle = ink.fill;
            pen.fill();
            plot.curve(points, ink.sound, 1.5);
          }
          const held = spectrum.hold_dbfs ?? [];
          if (isCoarse) {
            held.forEach((value, index) => {
              if (!isNumber(value) || value <= FLOOR) return;
              pen.fillStyle = ink.quiet;
              pen.fillRect(edge(index), plot.y(value), edge(index + 1) - edge(index) - gap, 1);
            });
          } else {
            plot.curve(hz.map((value, index) => [x(value), isNumber(held[index]) ? plot.y(held[index]) : null]), ink.quiet, 1);
          }
          if (pointed !== null) {
            let best = 0;
            hz.forEach((value, index) => { if (Math.abs(x(value) - pointed) < Math.abs(x(hz[best]) - pointed)) best = index; });
            plot.line(x(hz[best]), top, x(hz[best]), bottom, ink.quiet, 1, [2, 2]);
            plot.band = words(hz[best], 0) + ' Hz  ' + level(best).toFixed(1).replace('-', '\u2212') + ' dBFS';
          }
          write(find('probe'), plot.band ?? '');
        }

        spectrumPlot.canvas.addEventListener('pointermove', event => { pointed = event.offsetX; spectrumPlot.isStale = true; wake(); });
        spectrumPlot.canvas.addEventListener('pointerleave', () => { pointed = null; spectrumPlot.isStale = true; wake(); });

        // Rows of [seconds, momentary, short-term, integrated], a second apart.
        const KEPT_SECONDS = 600;

        function drawHistory(history, target) {
          const plot = historyPlot, { left, right, top, bottom } = plot.begin(34, 6, 8, 22);
          plot.scale(-60, 0);
          plot.rungs(-60, 0, 10);
          const end = history.at(-1)?.[0] ?? 0, length = end - (history[0]?.[0] ?? 0);
          const shown = [60, 120, 300, KEPT_SECONDS].find(seconds => length < seconds) ?? KEPT_SECONDS;
          const x = seconds => right - (end - seconds) / shown * (right - left);
          const step = (right - left < 360 ? { 60: 30, 120: 60, 300: 120, 600: 300 }
            : { 60: 15, 120: 30, 300: 60, 600: 120 })[shown];
          for (let ago = 0; ago <= shown; ago += step) {
            const at = Math.round(x(end - ago)) - .5;
            plot.line(at, top, at, bottom, ink.grid);
            const words = ago === 0 ? 'now' : '\u2212' + (shown <= 120 ? ago + ' s' : ago / 60 + ' min');
            plot.text(words, at, bottom + 15, ago === 0 ? 'right' : ago === shown ? 'left' : 'center');
          }
          if (isNumber(target)) {
            const y = Math.round(plot.y(target)) + .5;
            plot.pen.fillStyle = ink.fill;
            plot.pen.fillRect(left, plot.y(target + 1), right - left, plot.y(target - 1) - plot.y(target + 1));
            plot.line(left, y, right, y, ink.text, 1, [1, 3]);
          }
          plot.pen.save();
          plot.pen.beginPath();
          plot.pen.rect(left, top, right - left, bottom - top);
          plot.pen.clip();
          // Where seconds are missing nothing is known, and nothing is drawn.
          const points = column => history.flatMap((point, index) => {
            const dot = [x(point[0]), isNumber(point[column]) ? plot.y(point[column]) : null];
            return index && point[0] - history[index - 1][0] > 5 ? [[dot[0], null], dot] : [dot];
          });
          plot.curve(points(1), ink.m, 1);
          plot.curve(points(2), ink.sound, 2);
          plot.curve(points(3), ink.i, 1.5, [5, 3]);
          plot.pen.restore();
          const last = history.at(-1);
          plot.canvas.setAttribute('aria-label', last ? 'Loudness over the last ' + span(Math.min(length, shown)) +
            ' minutes; now short-term ' + words(last[2]) + ' LUFS, integrated ' + words(last[3]) + ' LUFS' : 'Loudness over time');
        }
        """#
}
